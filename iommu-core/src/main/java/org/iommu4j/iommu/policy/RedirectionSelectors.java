package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.machine.pci.PciDevice;

/**
 * The functions that a kernel parameter names: by ids ({@code pci:8086:1234}) or by a path of
 * addresses ({@code 0000:00:1c.0/00.0}), with semicolons between.
 *
 * <p>A part that does not parse ends the search, though only for functions that get to it: parts
 * before it are looked at first, and so are later hops of a path.
 *
 * <p>Immutable.
 *
 * <p>Source: {@code drivers/pci/pci.c:pci_disable_acs_redir}, {@code pci_dev_str_match}.
 */
@Immutable
record RedirectionSelectors(ImmutableList<Selector> selectors) {
  private static final String IDS = "pci:";

  /** Cuts the text of a parameter. */
  static RedirectionSelectors parse(String text) {
    ImmutableList.Builder<Selector> found = ImmutableList.builder();
    int at = 0;
    while (at < text.length()) {
      int end;
      if (text.startsWith(IDS, at)) {
        KernelScan ids = scanIds(text.substring(at + IDS.length()));
        found.add(ids.count() >= 2 ? Ids.of(ids) : new Malformed(text.substring(at)));
        end = ids.count() >= 2 ? at + IDS.length() + ids.end() : text.length();
      } else {
        int semicolon = text.indexOf(';', at);
        end = semicolon < 0 ? text.length() : semicolon;
        found.add(Path.of(text.substring(at, end)));
      }
      if (end >= text.length() || (text.charAt(end) != ';' && text.charAt(end) != ',')) {
        break;
      }
      at = end + 1;
    }
    return new RedirectionSelectors(found.build());
  }

  private static KernelScan scanIds(String text) {
    KernelScan four = KernelScan.of(text, "x:x:x:x");
    return four.count() == 4 ? four : KernelScan.of(text, "x:x");
  }

  /** Returns whether a part names this function. */
  boolean matches(PciDevice device) {
    for (Selector selector : selectors) {
      Match match = selector.match(device);
      if (match != Match.NO) {
        return match == Match.YES;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return String.join(";", selectors.stream().map(Selector::toString).toList());
  }

  /** What comes of comparing. */
  enum Match {
    YES,
    NO,
    ERROR
  }

  /** One part of the parameter. */
  @Immutable
  sealed interface Selector {
    /** Compares this with a function. */
    Match match(PciDevice device);
  }

  /** Ids, of which 0 stands for any. */
  @Immutable
  record Ids(int vendor, int device, int subsystemVendor, int subsystem) implements Selector {
    static Ids of(KernelScan scan) {
      boolean four = scan.count() == 4;
      return new Ids(
          scan.value(0) & 0xffff,
          scan.value(1) & 0xffff,
          four ? scan.value(2) & 0xffff : 0,
          four ? scan.value(3) & 0xffff : 0);
    }

    @Override
    public Match match(PciDevice function) {
      boolean same =
          is(vendor, function.vendorId())
              && is(device, function.deviceId())
              && is(subsystemVendor, function.subsystemVendorId())
              && is(subsystem, function.subsystemId());
      return same ? Match.YES : Match.NO;
    }

    private static boolean is(int wanted, int actual) {
      return wanted == 0 || wanted == actual;
    }

    @Override
    public String toString() {
      return String.format("pci:%04x:%04x:%04x:%04x", vendor, device, subsystemVendor, subsystem);
    }
  }

  /** An address and the hops down from it, the last of which is the function itself. */
  @Immutable
  record Path(Place root, ImmutableList<Place> hops) implements Selector {
    static Path of(String text) {
      List<Place> hops = new ArrayList<>();
      int slash = text.indexOf('/');
      String root = slash < 0 ? text : text.substring(0, slash);
      while (slash >= 0) {
        int next = text.indexOf('/', slash + 1);
        hops.add(Place.hop(text.substring(slash, next < 0 ? text.length() : next)));
        slash = next;
      }
      return new Path(Place.root(root), ImmutableList.copyOf(hops));
    }

    @Override
    public Match match(PciDevice device) {
      PciDevice here = device;
      for (Place hop : hops.reverse()) {
        if (!hop.valid()) {
          return Match.ERROR;
        }
        PciDevice above = here.upstreamBridge();
        if (here.address().devfn() != hop.devfn() || above == null) {
          return Match.NO;
        }
        here = above;
      }
      if (!root.valid()) {
        return Match.ERROR;
      }
      boolean same =
          root.domain() == here.address().domain()
              && root.bus() == here.address().bus()
              && root.devfn() == here.address().devfn();
      return same ? Match.YES : Match.NO;
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(root.print());
      hops.forEach(hop -> text.append('/').append(hop.printDevfn()));
      return text.toString();
    }
  }

  /** A device and function number, with domain and bus at the root of a path. */
  @Immutable
  record Place(boolean valid, int domain, int bus, int devfn) {
    private static final Place INVALID = new Place(false, 0, 0, 0);

    static Place hop(String text) {
      KernelScan scan = KernelScan.of(text, "/x.xc");
      return scan.count() == 2 ? new Place(true, 0, 0, devfn(scan, 0)) : INVALID;
    }

    static Place root(String text) {
      KernelScan scan = KernelScan.of(text, "x:x:x.xc");
      if (scan.count() == 4) {
        return new Place(true, scan.value(0), scan.value(1), devfn(scan, 2));
      }
      scan = KernelScan.of(text, "x:x.xc");
      return scan.count() == 3 ? new Place(true, 0, scan.value(0), devfn(scan, 1)) : INVALID;
    }

    private static int devfn(KernelScan scan, int from) {
      return (scan.value(from) & 0x1f) << 3 | (scan.value(from + 1) & 7);
    }

    String print() {
      return valid ? String.format("%04x:%02x:%s", domain, bus, printDevfn()) : "?";
    }

    String printDevfn() {
      return valid ? String.format("%02x.%d", devfn >> 3, devfn & 7) : "?";
    }
  }

  /** Ids that do not parse. */
  @Immutable
  record Malformed(String text) implements Selector {
    @Override
    public Match match(PciDevice device) {
      return Match.ERROR;
    }

    @Override
    public String toString() {
      return "?";
    }
  }
}
