"""An exception in; where it happened out, as text for a log. What it says may hold a value, so it goes nowhere."""

DEEPEST = 12


def frames_of(error: BaseException) -> list[str]:
    """The innermost frames as `module:function:line`, outermost first."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return frames[-DEEPEST:]
