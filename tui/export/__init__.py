"""What is handed to others: tables, pictures and a one-page brief, each made from a Board and the cache, none of them needed to show one."""
