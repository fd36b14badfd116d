package org.iommu4j.machine;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciResource;

/**
 * Reads the PCI functions of {@code /sys/bus/pci/devices}.
 *
 * <p>Source: {@code drivers/pci/pci-sysfs.c}.
 */
final class PciFacts {
  static final String DEVICES = "sys/bus/pci/devices";

  /** What a user without privileges sees of a configuration space. */
  private static final int HEADER_BYTES = 64;

  private static final int RESOURCES_LIMIT = 64;
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();

  private final FactTree tree;
  private final List<String> unread = new ArrayList<>();
  private final List<String> headerOnly = new ArrayList<>();
  private final List<String> silent = new ArrayList<>();
  private final ImmutableList<PciFunctionFacts> functions;

  PciFacts(FactTree tree) {
    this.tree = tree;
    this.functions =
        PciFunctionFacts.settleDrivers(tree.list(DEVICES).stream().map(this::function).toList());
  }

  /** Returns the functions, without what firmware says of their ports. */
  ImmutableList<PciFunctionFacts> functions() {
    return functions;
  }

  /** Returns what of the functions could not be read. */
  ImmutableList<MissingFact> missing() {
    ImmutableList.Builder<MissingFact> missing = ImmutableList.builder();
    if (functions.isEmpty()) {
      missing.add(MissingFacts.noFunctions(DEVICES));
    }
    if (!unread.isEmpty()) {
      missing.add(MissingFacts.noConfigSpace(unread));
    }
    if (!headerOnly.isEmpty()) {
      missing.add(MissingFacts.headerOnly(headerOnly));
    }
    if (!silent.isEmpty()) {
      missing.add(MissingFacts.silentConfigSpace(silent));
    }
    return missing.build();
  }

  /** Returns the functions with the external-facing ports among them marked. */
  static ImmutableList<PciFunctionFacts> marked(
      List<PciFunctionFacts> functions, ImmutableSet<PciAddress> ports) {
    return functions.stream()
        .map(function -> function.withExternalFacing(ports.contains(function.address())))
        .collect(ImmutableList.toImmutableList());
  }

  private PciFunctionFacts function(String name) {
    String place = DEVICES + "/" + name;
    PciAddress address =
        PciAddress.parse(name)
            .filter(parsed -> parsed.toString().equals(name))
            .orElseThrow(
                () -> BadInputException.atOffset(place, 0, "its name is DOMAIN:BUS:DEV.FN", name));
    ConfigSpace config = config(place, name);
    PciFunctionFacts own = PciFunctionFacts.ofConfig(address, config);
    return new PciFunctionFacts(
        address,
        config,
        number(place + "/vendor", 0xffff).orElse(own.vendorId()),
        number(place + "/device", 0xffff).orElse(own.deviceId()),
        number(place + "/class", 0xffffff).orElse(own.classCode()),
        resources(place + "/resource"),
        false,
        driver(place + "/driver"));
  }

  private ConfigSpace config(String place, String name) {
    Optional<byte[]> bytes = tree.read(place + "/config", ConfigSpace.EXTENDED_BYTES).bytes();
    if (bytes.isEmpty()) {
      unread.add(name);
      return ConfigSpace.of(new byte[0]);
    }
    ConfigSpace config = ConfigSpace.of(bytes.get());
    if (config.sizeBytes() < HEADER_BYTES) {
      throw BadInputException.atOffset(
          place + "/config", config.sizeBytes(), "a header has 64 bytes", "it ends here");
    }
    if (config.sizeBytes() < ConfigSpace.CONVENTIONAL_BYTES) {
      headerOnly.add(name);
    }
    if (config.readDword(0) == -1 && config.readDword(0x08) == -1) {
      silent.add(name);
    }
    return config;
  }

  // A link on a machine; in a capture a file with the name, which is empty if there is no driver.
  private DriverBinding driver(String path) {
    Optional<String> link = tree.linkName(path);
    Optional<String> name =
        link.isPresent()
            ? link
            : tree.read(path, FactTree.SYSFS_LIMIT_BYTES).text().map(String::strip);
    if (name.isEmpty()) {
      return DriverBinding.UNKNOWN;
    }
    if (!name.get().matches("[!-~]{0,64}")) {
      throw BadInputException.atOffset(path, 0, "a driver's name is one word", name.get());
    }
    return name.get().isEmpty() ? DriverBinding.NONE : DriverBinding.to(name.get());
  }

  private Optional<Integer> number(String path, int most) {
    return tree.read(path, FactTree.SYSFS_LIMIT_BYTES)
        .text()
        .map(text -> Hex.parse(path, 1, text, most));
  }

  private ImmutableList<PciResource> resources(String path) {
    ImmutableList.Builder<PciResource> resources = ImmutableList.builder();
    List<String> lines =
        tree.read(path, FactTree.SYSFS_LIMIT_BYTES).text().orElse("").lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      List<String> numbers = BLANKS.splitToList(lines.get(i));
      if (numbers.size() != 3 || i >= RESOURCES_LIMIT) {
        throw BadInputException.atLine(path, i + 1, "a resource is START END FLAGS", lines.get(i));
      }
      resources.add(
          new PciResource(
              Hex.parse(path, i + 1, numbers.get(0)),
              Hex.parse(path, i + 1, numbers.get(1)),
              Hex.parse(path, i + 1, numbers.get(2))));
    }
    return resources.build();
  }
}
