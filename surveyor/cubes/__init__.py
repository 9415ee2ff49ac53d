"""Answer sets as counts. Personal data: nothing above releases may read it."""
