"""What every folder shares and none owns: identifiers, datasets, reference lists, directives and schema snapshots."""
