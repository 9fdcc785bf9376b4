"""What the pages share: drawing, links, local time. The only part of `soc` that knows Streamlit."""
