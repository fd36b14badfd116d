package org.iommu4j.vtd.policy;

import java.util.List;
import org.iommu4j.vtd.dmar.DmarTable;

/**
 * Counts the slots that a structure's device scopes make.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_alloc_dev_scope}.
 */
final class ScopeCounter {
  /** The count never ends. */
  static final class EndlessException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EndlessException() {
      super("a device scope of length 0", null, false, false);
    }
  }

  private ScopeCounter() {}

  static ScopeSpan count(DmarTable table, int offset, int fixed, int length, List<String> log) {
    int from = offset + fixed;
    int to = offset + length;
    KernelScopes walk = KernelScopes.walk(table::readByte, from, to);
    int slots = 0;
    for (KernelScopes.Scope scope : walk.scopes()) {
      if (scope.isPci() || scope.isNamespace()) {
        slots++;
      } else if (!scope.isSupported()) {
        log.add(DmarLogLines.UNSUPPORTED_SCOPE);
      }
    }
    if (walk.endless()) {
      throw new EndlessException();
    }
    return new ScopeSpan(offset, from, to, true, slots);
  }
}
