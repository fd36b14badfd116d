package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.machine.pci.PciDevice;

/**
 * The names of vendors and devices, from a {@code pci.ids} file.
 *
 * <p>Immutable.
 */
public final class PciNames {
  private static final ImmutableList<Path> PLACES =
      ImmutableList.of(
          Path.of("/usr/share/misc/pci.ids"),
          Path.of("/usr/share/hwdata/pci.ids"),
          Path.of("/var/lib/pciutils/pci.ids"));

  private final Map<Integer, String> vendors = new HashMap<>();
  private final Map<Integer, String> devices = new HashMap<>();

  private PciNames() {}

  /** Returns no names. */
  public static PciNames none() {
    return new PciNames();
  }

  /** Returns the names that this system has, or none if it has no readable {@code pci.ids}. */
  public static PciNames ofSystem() {
    for (Path place : PLACES) {
      if (Files.isReadable(place)) {
        return ofFile(place);
      }
    }
    return none();
  }

  private static PciNames ofFile(Path file) {
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      return parse(reader);
    } catch (IOException e) {
      return none(); // names are a comfort: without them the numbers remain
    }
  }

  /** Reads the vendors and devices of a {@code pci.ids} file; other lines are passed over. */
  static PciNames parse(BufferedReader reader) throws IOException {
    PciNames names = new PciNames();
    int vendor = -1;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.startsWith("C ")) {
        break; // the classes, which stand after all vendors
      }
      if (line.startsWith("\t\t") || line.startsWith("#")) {
        continue;
      }
      boolean ofDevice = line.startsWith("\t");
      int id = id(line, ofDevice ? 1 : 0);
      if (id < 0) {
        continue;
      }
      String name = line.substring(ofDevice ? 5 : 4).strip();
      if (!ofDevice) {
        vendor = id;
        names.vendors.put(id, name);
      } else if (vendor >= 0) {
        names.devices.put(vendor << 16 | id, name);
      }
    }
    return names;
  }

  private static int id(String line, int at) {
    if (line.length() < at + 5 || line.charAt(at + 4) != ' ') {
      return -1;
    }
    try {
      return Integer.parseInt(line, at, at + 4, 16);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Returns vendor and device of a function by name, if at least the vendor is known. */
  public Optional<String> name(PciDevice device) {
    return name(device.vendorId(), device.deviceId());
  }

  /** Returns vendor and device by name, if both or at least the vendor is known. */
  public Optional<String> name(int vendorId, int deviceId) {
    String vendor = vendors.get(vendorId);
    String device = devices.get(vendorId << 16 | deviceId);
    if (vendor == null) {
      return Optional.empty();
    }
    return Optional.of(device == null ? vendor : vendor + " " + device);
  }
}
