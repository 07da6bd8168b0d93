"""Texts that mean something to somebody: to a browser, to Markdown, to Streamlit, to a shell."""

MALICE = (
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "[a link](javascript:alert(1))",
    "$x^2$",
    ":material/home: :red[red] :smile:",
    "\u202eright to left\u202c",
    "../../../../etc/passwd",
    "$(reboot); `reboot`",
    "%(x)s {0} {name}",
    "",
)
