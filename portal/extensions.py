"""The extensions, made once and bound to the app in ``create_app``."""

from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from portal.database import Base
from portal.wall.session import WalledSession

db = SQLAlchemy(
    model_class=Base, disable_autonaming=True, session_options={"class_": WalledSession}
)
babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
migrate = Migrate(directory="migrations", render_as_batch=True)
