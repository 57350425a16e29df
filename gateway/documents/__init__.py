"""Request body in; a known, validated document out."""
