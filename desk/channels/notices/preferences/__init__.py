"""What a person chooses to be told of, how and when: the page, and the link that ends mails."""
