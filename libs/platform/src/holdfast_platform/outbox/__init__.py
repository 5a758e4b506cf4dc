"""The outbox: messages written with the state they tell of, published after commit."""
