package org.iommu4j.machine.lspci;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Bytes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciResource;

/** Collects what a listing says of one function, in one piece or in several. Not thread-safe. */
final class FunctionText {
  private static final int HEADER_BYTES = 64;
  private static final int CLASS_PCI_BRIDGE = 0x0604;
  private static final int CLASS_CARDBUS_BRIDGE = 0x0607;
  private static final int MULTIFUNCTION = 0x80;
  private static final Pattern CLASS_NUMBER = Pattern.compile("\\[([0-9a-f]{4})\\]: ");
  private static final Pattern IDS = Pattern.compile("\\[([0-9a-f]{4}):([0-9a-f]{4})\\]");
  private static final Pattern NUMBERS_ONLY =
      Pattern.compile("(?:Class )?([0-9a-f]{4}): ([0-9a-f]{4}):([0-9a-f]{4})\\b.*");
  private static final Pattern REVISION = Pattern.compile("\\(rev ([0-9a-f]{2})\\)");
  private static final Pattern INTERFACE = Pattern.compile("\\(prog-if ([0-9a-f]{2})\\b");

  private final PciAddress address;
  private final ConfigSketch sketch = new ConfigSketch();
  private final CapabilityText capabilities = new CapabilityText(sketch);
  private final Set<PciResource> resources = new LinkedHashSet<>();
  private final List<Byte> dump = new ArrayList<>();
  private final List<Byte> longestDump = new ArrayList<>();
  private OptionalInt subclass = OptionalInt.empty();
  private OptionalInt vendorId = OptionalInt.empty();
  private OptionalInt deviceId = OptionalInt.empty();
  private int revision;
  private int programmingInterface;
  private boolean busNumbers;
  private DriverBinding driver = DriverBinding.UNKNOWN;

  FunctionText(PciAddress address) {
    this.address = address;
  }

  PciAddress address() {
    return address;
  }

  /** Takes what stands after the address on the function's first line. */
  void takeTitle(String title) {
    Matcher numbers = NUMBERS_ONLY.matcher(title);
    Matcher classNumber = CLASS_NUMBER.matcher(title);
    if (numbers.matches()) {
      subclass = hex(numbers.group(1));
      vendorId = hex(numbers.group(2));
      deviceId = hex(numbers.group(3));
    } else if (classNumber.find()) {
      subclass = hex(classNumber.group(1));
    } else if (subclass.isEmpty() && title.contains(": ")) {
      subclass = ClassNames.code(title.substring(0, title.indexOf(": ")));
    }
    Matcher ids = IDS.matcher(title);
    while (ids.find()) {
      // A product's name may have brackets too; the numbers stand last.
      vendorId = hex(ids.group(1));
      deviceId = hex(ids.group(2));
    }
    Matcher rev = REVISION.matcher(title);
    revision = rev.find() ? Integer.parseInt(rev.group(1), 16) : revision;
    Matcher progIf = INTERFACE.matcher(title);
    programmingInterface =
        progIf.find() ? Integer.parseInt(progIf.group(1), 16) : programmingInterface;
  }

  private static OptionalInt hex(String digits) {
    return OptionalInt.of(Integer.parseInt(digits, 16));
  }

  void takeBusNumbers(int primary, int secondary, int subordinate) {
    busNumbers = true;
    sketch.putByte(0x18, primary);
    sketch.putByte(0x19, secondary);
    sketch.putByte(0x1a, subordinate);
  }

  void takeDriver(String name) {
    driver = DriverBinding.to(name);
  }

  void takeResource(PciResource resource) {
    resources.add(resource);
  }

  CapabilityText capabilities() {
    return capabilities;
  }

  /** Takes a line of a dump; a dump that starts again is another one of the same function. */
  boolean takeDump(int offset, byte[] bytes) {
    if (offset == 0) {
      keepLongest();
    }
    if (offset != dump.size() || offset + bytes.length > ConfigSpace.EXTENDED_BYTES) {
      return false;
    }
    dump.addAll(Bytes.asList(bytes));
    return true;
  }

  private void keepLongest() {
    if (dump.size() > longestDump.size()) {
      longestDump.clear();
      longestDump.addAll(dump);
    }
    dump.clear();
  }

  /** Returns the function; {@code severalFunctions} is whether its slot has others. */
  PciFunctionFacts build(boolean severalFunctions) {
    keepLongest();
    byte[] dumped = Bytes.toArray(longestDump);
    int type = headerType();
    sketch.putByte(0x0e, type);
    int classCode = subclass.orElse(0) << 8 | programmingInterface;
    sketch.putWord(0x00, vendorId.orElse(0xffff));
    sketch.putWord(0x02, deviceId.orElse(0xffff));
    sketch.putByte(0x08, revision);
    sketch.putByte(0x09, classCode);
    sketch.putWord(0x0a, classCode >> 8);
    ConfigSpace config = sketch.build(dumped);
    if (severalFunctions && dumped.length == 0) {
      config = config.withWord(0x0e, type | MULTIFUNCTION);
    }
    PciFunctionFacts own = PciFunctionFacts.ofConfig(address, config);
    boolean textDecides = dumped.length < HEADER_BYTES || own.vendorId() == 0xffff;
    return new PciFunctionFacts(
        address,
        config,
        textDecides ? vendorId.orElse(own.vendorId()) : own.vendorId(),
        textDecides ? deviceId.orElse(own.deviceId()) : own.deviceId(),
        textDecides && subclass.isPresent() ? classCode : own.classCode(),
        ImmutableList.copyOf(resources),
        false,
        driver);
  }

  private int headerType() {
    int code = subclass.orElse(0);
    if (code == CLASS_CARDBUS_BRIDGE) {
      return 2;
    }
    return busNumbers || code == CLASS_PCI_BRIDGE ? 1 : 0;
  }

  /** Returns what is not known of the function; to be called after {@link #build}. */
  EnumSet<LspciGap> gaps() {
    EnumSet<LspciGap> gaps = EnumSet.noneOf(LspciGap.class);
    boolean hasHeader = longestDump.size() >= HEADER_BYTES;
    boolean hasAll = longestDump.size() >= ConfigSpace.CONVENTIONAL_BYTES;
    if (!hasHeader && vendorId.isEmpty()) {
      gaps.add(LspciGap.IDS);
    }
    if (!hasHeader && subclass.isEmpty()) {
      gaps.add(LspciGap.CLASS);
    }
    if (!hasHeader && headerType() != 0 && !busNumbers) {
      gaps.add(LspciGap.BUS_NUMBERS);
    }
    if (!hasHeader) {
      gaps.add(LspciGap.RECONSTRUCTED);
    }
    if (hasHeader && longestDump.stream().limit(HEADER_BYTES).allMatch(b -> b == -1)) {
      gaps.add(LspciGap.SILENT);
    }
    if (!hasAll && !capabilities.areKnown()) {
      gaps.add(LspciGap.CAPABILITIES);
    }
    if (longestDump.size() < ConfigSpace.EXTENDED_BYTES && capabilities.lackBits()) {
      gaps.add(LspciGap.CAPABILITY_BITS);
    }
    return gaps;
  }
}
