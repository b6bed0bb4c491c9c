"""What is counted: the rates leaders look at, the daily sums behind them, and hot topics."""
