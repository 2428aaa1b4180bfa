// What the pages of this room do in the browser beyond their forms and links.
import "./weft.js";
import "./photos.js";
