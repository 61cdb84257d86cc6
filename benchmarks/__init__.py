"""Speed, measured beside the alternative in the same run. Ratios count; nothing here is a test."""
