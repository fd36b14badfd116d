package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.ScopeType;

/**
 * The device scopes of a structure as the kernel steps through them, which is not how they are
 * meant to be read: a scope that is too short makes the next one start inside it, and one that is
 * too long reaches into what follows.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_alloc_dev_scope}, {@code
 * dmar_insert_dev_scope}.
 *
 * @param scopes the scopes that are come across
 * @param endless whether a scope of length 0 keeps the walk from ending
 */
record KernelScopes(ImmutableList<Scope> scopes, boolean endless) {
  private static final int FIXED_BYTES = 6;

  /** Where bytes come from. */
  @Immutable
  interface Bytes {
    int read(int offset);
  }

  /**
   * One scope.
   *
   * @param hops how many hops its length leaves for the path; not positive if it is too short
   */
  @Immutable
  record Scope(int offset, int type, int enumerationId, int startBus, int hops) {
    boolean isPci() {
      return type == ScopeType.ENDPOINT.code() || type == ScopeType.BRIDGE.code();
    }

    boolean isNamespace() {
      return type == ScopeType.NAMESPACE.code();
    }

    boolean isSupported() {
      return type >= ScopeType.ENDPOINT.code() && type <= ScopeType.NAMESPACE.code();
    }

    int device(Bytes bytes, int hop) {
      return bytes.read(offset + FIXED_BYTES + 2 * hop);
    }

    int function(Bytes bytes, int hop) {
      return bytes.read(offset + FIXED_BYTES + 2 * hop + 1);
    }
  }

  static KernelScopes walk(Bytes bytes, int from, int to) {
    ImmutableList.Builder<Scope> scopes = ImmutableList.builder();
    int at = from;
    while (at < to) {
      int length = bytes.read(at + 1);
      // The length less 6 is taken as unsigned and halved, then cut to an int: short ones come out
      // negative.
      int hops = (int) ((length - (long) FIXED_BYTES) >>> 1);
      int id = bytes.read(at + 4);
      scopes.add(new Scope(at, bytes.read(at), id, bytes.read(at + 5), hops));
      if (length == 0) {
        return new KernelScopes(scopes.build(), true);
      }
      at += length;
    }
    return new KernelScopes(scopes.build(), false);
  }

  /** Returns the table's bytes as a structure's scopes are read from when devices are matched. */
  static Bytes bytesFor(DmarTable table, ScopeSpan span) {
    // What follows a copy is the slack of its allocation, which is zero.
    return span.copied()
        ? offset -> offset < span.to() ? table.readByte(offset) : 0
        : table::readByte;
  }

  static KernelScopes walk(DmarTable table, ScopeSpan span) {
    return walk(bytesFor(table, span), span.from(), span.to());
  }
}
