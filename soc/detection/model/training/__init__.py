"""Where the model's weights come from: patterns that the project wrote, the texts they make, and how it learns of them."""
