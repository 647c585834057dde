"""What is handed to others: tables, pictures and a page to print, each made from Boards and the cache."""
