"""The draft of a form: its pages and questions, edited one at a time, and tried out."""
