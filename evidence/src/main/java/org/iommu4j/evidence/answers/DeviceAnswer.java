package org.iommu4j.evidence.answers;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel did with a device, a line of {@code lockstep/ops}.
 *
 * @param device the function
 * @param ops the symbol of the device's DMA ops, or null if it has none and maps directly
 * @param domain the type of the domain that it is attached to, or null if there is none
 * @param group the number of its group, or -1 if there is none
 * @param untrusted whether the kernel took it for untrusted
 */
@Immutable
public record DeviceAnswer(
    PciAddress device,
    @Nullable String ops,
    @Nullable DomainType domain,
    int group,
    boolean untrusted) {
  private static final int DMA_FLUSH_QUEUE = 11;

  /** Returns the type with this number in a 5.10 kernel, or empty for -1 and unknown numbers. */
  static Optional<DomainType> domainType(int number) {
    return switch (number) {
      case 0 -> Optional.of(DomainType.BLOCKED);
      case 1 -> Optional.of(DomainType.UNMANAGED);
      case 3, DMA_FLUSH_QUEUE -> Optional.of(DomainType.DMA); // 11 from Linux 5.15 on
      case 4 -> Optional.of(DomainType.IDENTITY);
      default -> Optional.empty();
    };
  }
}
