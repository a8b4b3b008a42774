// htmx 4, as pinned in package.json; attributes are hx-…, and it watches the whole page by itself.
import "htmx.org";
