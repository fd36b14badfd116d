package org.iommu4j.machine.pci;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.Immutable;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a PCI function: domain (segment), bus, device and function.
 *
 * <p>Immutable; ordered by its numbers; printed as the kernel prints it, {@code 0000:00:1f.2}.
 *
 * @param domain the PCI domain, 0 to 0x7fffffff (the kernel gives software domains, such as VMD's,
 *     numbers from 0x10000 on)
 * @param bus the bus number, 0 to 255
 * @param device the device (slot) number, 0 to 31
 * @param function the function number, 0 to 7
 */
@Immutable
public record PciAddress(int domain, int bus, int device, int function)
    implements Comparable<PciAddress> {
  private static final Pattern FORM =
      Pattern.compile("(?:([0-9a-fA-F]{1,8}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\\.([0-7])");
  private static final Comparator<PciAddress> ORDER =
      Comparator.comparingInt(PciAddress::domain)
          .thenComparingInt(PciAddress::bus)
          .thenComparingInt(PciAddress::devfn);

  /** Checks the ranges; throws {@link IllegalArgumentException} for a number out of its range. */
  public PciAddress {
    checkArgument(domain >= 0, "PCI domain %s is negative", domain);
    checkArgument(bus >= 0 && bus <= 0xff, "PCI bus %s is not within 0 to 255", bus);
    checkArgument(device >= 0 && device <= 0x1f, "PCI device %s is not within 0 to 31", device);
    checkArgument(function >= 0 && function <= 7, "PCI function %s is not within 0 to 7", function);
  }

  /** Returns the address with this packed device and function number ({@code device << 3 | fn}). */
  public static PciAddress ofDevfn(int domain, int bus, int devfn) {
    return new PciAddress(domain, bus, devfn >> 3, devfn & 7);
  }

  /** Returns the address that a 16-bit requester id stands for in a domain. */
  public static PciAddress ofRequesterId(int domain, int requesterId) {
    return ofDevfn(domain, requesterId >> 8, requesterId & 0xff);
  }

  /**
   * Returns the address that a text such as {@code 0000:00:1f.2} or {@code 00:1f.2} names, if any.
   */
  public static Optional<PciAddress> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long domain = matcher.group(1) == null ? 0 : Long.parseLong(matcher.group(1), 16);
    int device = Integer.parseInt(matcher.group(3), 16);
    if (domain > Integer.MAX_VALUE || device > 0x1f) {
      return Optional.empty();
    }
    int bus = Integer.parseInt(matcher.group(2), 16);
    int function = Integer.parseInt(matcher.group(4), 16);
    return Optional.of(new PciAddress((int) domain, bus, device, function));
  }

  /** Returns device and function packed as in a requester id: {@code device << 3 | function}. */
  public int devfn() {
    return device << 3 | function;
  }

  /** Returns the 16-bit requester id: bus, device and function. */
  public int requesterId() {
    return requesterId(bus, devfn());
  }

  /** Returns the 16-bit requester id of a bus with a packed device and function number. */
  public static int requesterId(int bus, int devfn) {
    return bus << 8 | devfn;
  }

  /** Returns the address without its domain, as lines about requesters have it: {@code 00:1f.2}. */
  public String withoutDomain() {
    return String.format("%02x:%02x.%d", bus, device, function);
  }

  @Override
  public int compareTo(PciAddress other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return String.format("%04x:%s", domain, withoutDomain());
  }
}
