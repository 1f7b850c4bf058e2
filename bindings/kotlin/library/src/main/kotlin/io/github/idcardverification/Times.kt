package io.github.idcardverification

import kotlin.time.Duration
import kotlin.time.toJavaDuration

/** The same time as the records have it. */
@JvmSynthetic
internal fun Duration?.javaTime(): java.time.Duration? = this?.toJavaDuration()
