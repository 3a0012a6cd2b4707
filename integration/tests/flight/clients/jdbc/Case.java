package jdbc;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A case: a line of JSON tells how it went. */
@Retention(RetentionPolicy.RUNTIME)
@interface Case {}
