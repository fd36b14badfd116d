package org.iommu4j.iommu.decision;

import com.google.errorprone.annotations.Immutable;

/**
 * Why something came out as it did: a value that code may compare and ask about, with words for
 * people, which no code reads.
 *
 * <p>Implementations are enums or records.
 */
@Immutable
public interface Reason {
  /** Returns the reason in a few words, as decisions and reports print it. */
  String words();
}
