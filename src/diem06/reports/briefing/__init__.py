"""The one-page briefing («Tài liệu giao ban»): what it says, its Word file, its image. It names units and areas, no person."""
