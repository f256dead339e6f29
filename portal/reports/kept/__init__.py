"""What people keep of reports: favourites, filters under a name, mails, and what they used last."""
