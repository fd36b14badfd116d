package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.policy.AcsVerdict;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.DomainLock;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.Off;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * All that Linux decides about DMA while a machine boots. Immutable.
 *
 * @param machine where the facts came from
 * @param rules what the kernel that was mirrored does
 * @param commandLine the command line that was booted with
 * @param iommu what holds for the whole machine
 * @param interrupts what becomes of the interrupts that devices send
 * @param swiotlb the pool of bounce slots
 * @param devices every PCI function, by address
 * @param groups the IOMMU groups, by number
 * @param log the kernel's lines about it, in order and without times
 * @param decisions the decisions that are not about one device, in order
 * @param missing the facts that could not be had, with their effect
 */
@Immutable
public record BootReport(
    String machine,
    KernelRules rules,
    String commandLine,
    IommuState iommu,
    Interrupts interrupts,
    SwiotlbState swiotlb,
    ImmutableList<DeviceReport> devices,
    ImmutableList<GroupReport> groups,
    ImmutableList<String> log,
    ImmutableList<Decision> decisions,
    ImmutableList<MissingFact> missing) {

  /** Returns the release that was mirrored. */
  public Release release() {
    return rules.release();
  }

  /** Returns what was decided for the function at this address, if there is one. */
  public Optional<DeviceReport> device(PciAddress address) {
    return devices.stream().filter(device -> device.address().equals(address)).findFirst();
  }

  /**
   * What holds for the whole machine.
   *
   * @param enabled whether an IOMMU translates
   * @param defaultDomainType the type of domain that a device gets if nothing else is said
   * @param defaultDomainSource who said so
   * @param strict whether unmapping waits until the hardware has forgotten the mapping
   * @param off why no IOMMU translates; null if one does, if no vendor is known, or if the kernel
   *     stops before that is decided
   */
  @Immutable
  public record IommuState(
      boolean enabled,
      DomainType defaultDomainType,
      String defaultDomainSource,
      boolean strict,
      @Nullable Off off) {}

  /**
   * The pool of bounce slots.
   *
   * @param active whether there is one
   * @param sizeBytes its size, 0 if there is none
   * @param areas how many parts with a lock of their own it has, 0 if there is none
   */
  @Immutable
  public record SwiotlbState(boolean active, long sizeBytes, int areas) {}

  /**
   * What was decided for one PCI function.
   *
   * @param address the function
   * @param vendorId its vendor id
   * @param deviceId its device id
   * @param classCode its class, 24 bits
   * @param group its group's number, or null if it has none
   * @param domainType the type of its domain, or null if it has none
   * @param dmaOps the kernel's symbol of its DMA operations, or null for none: direct mapping,
   *     unless {@code dmaIommu} says otherwise
   * @param dmaIommu whether dma-iommu maps for it
   * @param untrusted whether it lies below an external-facing port
   * @param reservedRegions what must not be mapped for it, unmerged; none if it has no group
   * @param addressBits how many bits of an I/O address its unit translates, or null if no unit
   *     does, the facts do not tell, or its vendor does not say
   * @param lock whether its driver keeps it from domains of users; null if it has no group
   * @param lacking what did not keep its peers apart where the group was looked for
   * @param summary why, in a few words
   * @param decisions the chain of decisions that led there
   */
  @Immutable
  public record DeviceReport(
      PciAddress address,
      int vendorId,
      int deviceId,
      int classCode,
      @Nullable Integer group,
      @Nullable DomainType domainType,
      @Nullable String dmaOps,
      boolean dmaIommu,
      boolean untrusted,
      ImmutableList<ReservedRegion> reservedRegions,
      @Nullable Integer addressBits,
      @Nullable DomainLock lock,
      ImmutableList<AcsVerdict> lacking,
      String summary,
      ImmutableList<Decision> decisions) {}

  /**
   * One IOMMU group.
   *
   * @param id its number
   * @param type the type of its default domain, or null if it has none
   * @param devices its members in the order in which they were added
   * @param reservedRegions what its members must not map, sorted and merged as sysfs shows it
   */
  @Immutable
  public record GroupReport(
      int id,
      @Nullable DomainType type,
      ImmutableList<PciAddress> devices,
      ImmutableList<ReservedRegion> reservedRegions) {}
}
