package io.gsonfire;

import com.google.gson.GsonBuilder;

/** Gson Fire without what only polymorphic schemas need; the document has none. */
public class GsonFireBuilder {
    public GsonBuilder createGsonBuilder() {
        return new GsonBuilder();
    }
}
