package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.ScopeType;
import org.jspecify.annotations.Nullable;

/**
 * Puts devices into the slots of one structure.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_insert_dev_scope}, {@code dmar_match_pci_path}.
 */
final class ScopeMatcher {
  private static final int BASE_CLASS_BRIDGE = 0x06;

  private final KernelScopes.Bytes bytes;
  private final int segment;
  private final int slots;
  private final boolean endless;
  // By the last hop of the path, since a scope matches no device with another number; in order.
  private final ImmutableListMultimap<Integer, KernelScopes.Scope> byLastHop;
  private final List<PciDevice> filled = new ArrayList<>();

  /** What came of one device. */
  enum Outcome {
    NO_MATCH,
    INSERTED,
    TYPE_MISMATCH,
    ENDLESS,
    NO_SLOT
  }

  /** How a scope comes to name a device. */
  private enum Match {
    NONE,
    PATH,
    SECONDARY_BUS
  }

  ScopeMatcher(DmarTable table, ScopeSpan span, int segment) {
    this.bytes = KernelScopes.bytesFor(table, span);
    this.segment = segment;
    this.slots = span.slots();
    KernelScopes walk = KernelScopes.walk(table, span);
    this.endless = walk.endless();
    ImmutableListMultimap.Builder<Integer, KernelScopes.Scope> index =
        ImmutableListMultimap.builder();
    for (KernelScopes.Scope scope : walk.scopes()) {
      if (scope.isPci() && scope.hops() >= 1) {
        index.put(hop(scope, scope.hops() - 1), scope);
      }
    }
    this.byLastHop = index.build();
  }

  ImmutableList<PciDevice> filled() {
    return ImmutableList.copyOf(filled);
  }

  Outcome insert(PciDevice device, List<String> log) {
    if (segment != device.address().domain()) {
      return Outcome.NO_MATCH;
    }
    List<PciDevice> path = pathTo(device);
    for (KernelScopes.Scope scope : byLastHop.get(hop(device))) {
      Match match = match(scope, path);
      if (match == Match.SECONDARY_BUS) {
        log.add(
            DmarLogLines.secondaryBusWorkaround(
                scope.startBus(), device.address().device(), device.address().function()));
      }
      if (match != Match.NONE) {
        return take(scope, device, log);
      }
    }
    return endless ? Outcome.ENDLESS : Outcome.NO_MATCH;
  }

  /** Returns whether a device is found only because its own bus is the one that its scope says. */
  boolean isFoundBySecondaryBus(PciDevice device) {
    List<PciDevice> path = pathTo(device);
    return byLastHop.get(hop(device)).stream()
            .map(scope -> match(scope, path))
            .filter(match -> match != Match.NONE)
            .findFirst()
            .orElse(Match.NONE)
        == Match.SECONDARY_BUS;
  }

  private Outcome take(KernelScopes.Scope scope, PciDevice device, List<String> log) {
    if (!typeFits(scope, device)) {
      log.add(DmarLogLines.PREFIX + "Device scope type does not match for " + device.address());
      return Outcome.TYPE_MISMATCH;
    }
    if (filled.size() >= slots) {
      return Outcome.NO_SLOT;
    }
    filled.add(device);
    return Outcome.INSERTED;
  }

  // Bridges from one host to another have an endpoint's header and still may be named as bridges.
  private static boolean typeFits(KernelScopes.Scope scope, PciDevice device) {
    boolean plain = device.headerType() == 0;
    if (scope.type() == ScopeType.ENDPOINT.code()) {
      return plain;
    }
    return !plain || device.classCode() >>> 16 == BASE_CLASS_BRIDGE;
  }

  private Match match(KernelScopes.Scope scope, List<PciDevice> path) {
    int rootBus = path.get(0).bus().number();
    if (scope.startBus() == rootBus && scope.hops() == path.size() && hopsMatch(scope, path)) {
      return Match.PATH;
    }
    PciDevice device = path.get(path.size() - 1);
    return scope.hops() == 1 && scope.startBus() == device.bus().number()
        ? Match.SECONDARY_BUS
        : Match.NONE;
  }

  private boolean hopsMatch(KernelScopes.Scope scope, List<PciDevice> path) {
    for (int i = 0; i < path.size(); i++) {
      if (hop(scope, i) != hop(path.get(i))) {
        return false;
      }
    }
    return true;
  }

  private int hop(KernelScopes.Scope scope, int index) {
    return scope.device(bytes, index) << 8 | scope.function(bytes, index);
  }

  private static int hop(PciDevice device) {
    return device.address().device() << 8 | device.address().function();
  }

  /** Returns the bridges from the root bus down to the device, and the device. */
  private static List<PciDevice> pathTo(PciDevice device) {
    List<PciDevice> path = new ArrayList<>();
    for (@Nullable PciDevice at = device; at != null; at = at.bus().self()) {
      path.add(at);
    }
    Collections.reverse(path);
    return path;
  }
}
