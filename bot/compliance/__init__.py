"""What the policy and the law ask of what is stored: texts go by rule, unless Legal holds them."""
