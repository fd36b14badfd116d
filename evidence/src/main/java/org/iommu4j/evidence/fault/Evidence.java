package org.iommu4j.evidence.fault;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.LinkedHashMultimap;

/** What speaks for and against causes. Not thread-safe. */
final class Evidence {
  private final LinkedHashMultimap<CauseKind, String> pro = LinkedHashMultimap.create();
  private final LinkedHashMultimap<CauseKind, String> contra = LinkedHashMultimap.create();

  void speaksFor(CauseKind cause, String fact) {
    pro.put(cause, fact);
  }

  void speaksAgainst(CauseKind cause, String fact) {
    contra.put(cause, fact);
  }

  ImmutableList<String> speaksFor(CauseKind cause) {
    return ImmutableList.copyOf(pro.get(cause));
  }

  ImmutableList<String> speaksAgainst(CauseKind cause) {
    return ImmutableList.copyOf(contra.get(cause));
  }
}
