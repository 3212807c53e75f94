"""The page kit: layout, stylesheets, headers and forms of the pages that people see."""
