package org.iommu4j.evidence.fault;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.fault.FaultMessage;
import org.jspecify.annotations.Nullable;

/**
 * What probably is behind a refused request: a pure function of the line and, if it is known, of
 * the machine.
 */
public final class FaultCauses {
  private static final int FOR = -2;
  private static final int AGAINST = 3;

  private FaultCauses() {}

  /** Returns the causes, the most likely first; none for a line that is not about a request. */
  public static ImmutableList<Cause> of(FaultMessage fault, Optional<FaultScene> scene) {
    if (!fault.isRefusal()) {
      return ImmutableList.of();
    }
    Evidence evidence = new Evidence();
    LineEvidence.add(fault, evidence);
    scene.ifPresent(known -> new SceneEvidence(fault, known, evidence).add());
    List<CauseKind> kinds = new ArrayList<>(UsualCauses.of(fault.condition()));
    // Some causes are worth a word only where something speaks for them.
    for (CauseKind kind : List.of(CauseKind.GUEST, CauseKind.PEER, CauseKind.STRAY_INTERRUPT)) {
      if (!kinds.contains(kind) && !evidence.speaksFor(kind).isEmpty()) {
        kinds.add(kind);
      }
    }
    String reservedMemory = reservedMemory(fault.vendor());
    return kinds.stream()
        .sorted(Comparator.comparingInt(kind -> rank(kinds.indexOf(kind), kind, evidence)))
        .map(kind -> cause(kind, reservedMemory, evidence))
        .collect(ImmutableList.toImmutableList());
  }

  private static int rank(int usual, CauseKind kind, Evidence evidence) {
    return usual
        + FOR * evidence.speaksFor(kind).size()
        + AGAINST * evidence.speaksAgainst(kind).size();
  }

  private static Cause cause(CauseKind kind, String reservedMemory, Evidence evidence) {
    return new Cause(
        kind.words(reservedMemory),
        kind.explanation(),
        evidence.speaksFor(kind),
        evidence.speaksAgainst(kind));
  }

  private static String reservedMemory(String vendorName) {
    return LinuxSystem.vendors().stream()
        .filter(vendor -> vendor.name().equals(vendorName))
        .flatMap(vendor -> Optional.ofNullable(vendor.words().reservedMemory()).stream())
        .findFirst()
        .orElse("a reserved region");
  }

  /** Returns an address as the kernel prints it since 6.1, {@code 0xfee00000}. */
  static String hex(@Nullable Long address) {
    return address == null ? "?" : "0x" + Long.toHexString(address);
  }
}
