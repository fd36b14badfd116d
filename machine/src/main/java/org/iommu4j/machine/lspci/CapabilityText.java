package org.iommu4j.machine.lspci;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.pci.PcieType;

/**
 * Turns the capabilities that {@code lspci -v} prints into the registers that they were printed
 * from. Not thread-safe.
 *
 * <p>Source: {@code ls-caps.c} and {@code ls-ecaps.c} of pciutils for the words, PCI Express Base
 * Specification 4.0, 7.5.3 and 7.7 for the registers.
 */
final class CapabilityText {
  private static final int EXTENDED_FROM = 0x100;
  private static final Pattern CAPABILITY =
      Pattern.compile("Capabilities: \\[([0-9a-f]{2,3})(?: v\\d{1,2})?\\] (.*)");
  private static final Pattern EXPRESS =
      Pattern.compile("Express (?:\\(v(\\d{1,2})\\) )?(.*?)(?: \\(Slot([+-])\\))?(?:,.*)?");

  /** A longer name stands before one that it starts with. */
  private static final ImmutableMap<String, PcieType> TYPES =
      ImmutableMap.<String, PcieType>builder()
          .put("Legacy Endpoint", PcieType.LEGACY_ENDPOINT)
          .put("Endpoint", PcieType.ENDPOINT)
          .put("Root Port", PcieType.ROOT_PORT)
          .put("Upstream Port", PcieType.UPSTREAM_PORT)
          .put("Downstream Port", PcieType.DOWNSTREAM_PORT)
          .put("PCI-Express to PCI/PCI-X Bridge", PcieType.PCIE_TO_PCI_BRIDGE)
          .put("PCI/PCI-X to PCI-Express Bridge", PcieType.PCI_TO_PCIE_BRIDGE)
          .put("Root Complex Integrated Endpoint", PcieType.ROOT_COMPLEX_ENDPOINT)
          .put("Root Complex Event Collector", PcieType.ROOT_COMPLEX_EVENT_COLLECTOR)
          .buildOrThrow();

  /** The words of the two ACS registers, from bit 0 on. */
  private static final ImmutableList<String> ACS_BITS =
      ImmutableList.of(
          "SrcValid",
          "TransBlk",
          "ReqRedir",
          "CmpltRedir",
          "UpstreamFwd",
          "EgressCtrl",
          "DirectTrans");

  private static final int SLOT_IMPLEMENTED = 0x100;
  private static final int DEVICE_CAPABILITIES_2 = 0x24;
  private static final int DEVICE_CONTROL_2 = 0x28;
  private static final int ARI_FORWARDING = 0x20;

  private final ConfigSketch sketch;
  private int offset;
  private int id;
  private String label = "";
  private boolean known;
  private boolean denied;
  private int withoutBits;

  CapabilityText(ConfigSketch sketch) {
    this.sketch = sketch;
  }

  /** Returns whether the listing was made with {@code -v} and enough privileges. */
  boolean areKnown() {
    return known && !denied;
  }

  /** Notes that details of the function are printed, so that no capability means none. */
  void noteDetails() {
    known = true;
  }

  /** Returns whether a capability was named and its registers were not printed. */
  boolean lackBits() {
    return withoutBits > 0;
  }

  /** Takes a line of details that starts with {@code Capabilities:}. */
  void take(String line) {
    id = 0;
    label = "";
    if (line.contains("<access denied>")) {
      denied = true;
    }
    Matcher capability = CAPABILITY.matcher(line);
    if (!capability.matches()) {
      return;
    }
    known = true;
    offset = Integer.parseInt(capability.group(1), 16);
    String text = capability.group(2);
    if (offset < EXTENDED_FROM) {
      id = CapabilityNames.conventional(text);
      sketch.addConventional(offset, id);
      if (id == CapabilityNames.EXPRESS) {
        takeExpress(text);
      }
    } else {
      id = CapabilityNames.extended(text);
      sketch.addExtended(offset, id);
      boolean hasBits = id == CapabilityNames.ACS || id == CapabilityNames.SRIOV;
      withoutBits += hasBits ? 1 : 0;
    }
  }

  private void takeExpress(String text) {
    Matcher express = EXPRESS.matcher(text);
    PcieType type = express.matches() ? TYPES.get(express.group(2)) : null;
    if (type != null) {
      String version = express.group(1);
      int slot = "+".equals(express.group(3)) ? SLOT_IMPLEMENTED : 0;
      int flags = (version == null ? 2 : Integer.parseInt(version) & 0xf) | type.code() << 4 | slot;
      sketch.putWord(offset + 2, flags);
    }
  }

  /** Takes a line below a capability; one that starts with no label goes on with the last. */
  void takeDetail(String line, boolean continues) {
    int colon = line.indexOf(':');
    if (!continues && colon > 0) {
      label = line.substring(0, colon);
    }
    if (offset >= EXTENDED_FROM) {
      takeExtendedDetail(line);
    } else if (id == CapabilityNames.EXPRESS && line.contains("ARIFwd+")) {
      if (label.equals("DevCap2")) {
        sketch.orWord(offset + DEVICE_CAPABILITIES_2, ARI_FORWARDING);
      } else if (label.equals("DevCtl2")) {
        sketch.orWord(offset + DEVICE_CONTROL_2, ARI_FORWARDING);
      }
    }
  }

  private void takeExtendedDetail(String line) {
    if (id == CapabilityNames.ACS && label.equals("ACSCap")) {
      withoutBits--;
      sketch.putWord(offset + 4, acsBits(line));
    } else if (id == CapabilityNames.ACS && label.equals("ACSCtl")) {
      sketch.putWord(offset + 6, acsBits(line));
    } else if (id == CapabilityNames.SRIOV) {
      takeSriov(line);
    }
  }

  private static int acsBits(String line) {
    int bits = 0;
    for (int bit = 0; bit < ACS_BITS.size(); bit++) {
      bits |= line.contains(ACS_BITS.get(bit) + "+") ? 1 << bit : 0;
    }
    return bits;
  }

  private void takeSriov(String line) {
    if (label.equals("IOVCtl")) {
      sketch.putWord(offset + 0x08, flag(line, "Enable+", 1) | flag(line, "ARIHierarchy+", 0x10));
    }
    if (label.equals("Initial VFs")) {
      withoutBits--;
      sketch.putWord(offset + 0x0c, number(line, "Initial VFs: (\\d{1,5})", 10));
      sketch.putWord(offset + 0x0e, number(line, "Total VFs: (\\d{1,5})", 10));
      sketch.putWord(offset + 0x10, number(line, "Number of VFs: (\\d{1,5})", 10));
    }
    if (label.equals("VF offset")) {
      sketch.putWord(offset + 0x14, number(line, "VF offset: (\\d{1,5})", 10));
      sketch.putWord(offset + 0x16, number(line, "stride: (\\d{1,5})", 10));
      sketch.putWord(offset + 0x1a, number(line, "Device ID: ([0-9a-f]{1,4})", 16));
    }
  }

  private static int flag(String line, String word, int bit) {
    return line.contains(word) ? bit : 0;
  }

  private static int number(String line, String pattern, int radix) {
    Matcher matcher = Pattern.compile(pattern).matcher(line);
    return matcher.find() ? Integer.parseInt(matcher.group(1), radix) & 0xffff : 0;
  }
}
