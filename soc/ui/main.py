"""The entry script that `app.py` names.

It lives here and not beside `pages/`, because Streamlit would send that folder's names to the browser before
the real menu. It imports nothing by itself: Streamlit makes it the process's `__main__`, and every process that
the log path spawns runs its `__main__` again under another name.
"""

if __name__ == "__main__":
    from soc.ui.frame import draw

    draw()
