package org.iommu4j.machine;

import static org.iommu4j.machine.input.TestTrees.bytes;

import java.util.Map;
import java.util.TreeMap;

/** The files of a small machine that lacks nothing. */
public final class SampleMachine {
  public static final String DEVICES = "sys/bus/pci/devices/";

  private SampleMachine() {}

  /** Returns the files by their paths; a new map each time. */
  public static Map<String, byte[]> files() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("proc/version", bytes("Linux version 5.10.0-1-amd64 (x@y) #1 SMP\n"));
    files.put("proc/cmdline", bytes("root=/dev/sda1 intel_iommu=on\n"));
    files.put(
        "proc/iomem", bytes("00000000-00000fff : Reserved\n00001000-3fffffff : System RAM\n"));
    files.put("boot/config", bytes("CONFIG_INTEL_IOMMU=y\n# CONFIG_X is not set\n"));
    files.put("sys/firmware/acpi/tables/DMAR", bytes("DMAR\60\0\0\0\1"));
    files.put("machine.properties", bytes("external_facing=0000:00:04.0\ncpus=4\n" + UNIT_LINE));
    byte[] bridge = new byte[256];
    bridge[0x0e] = 1;
    rootPort(bridge);
    bridge[0x19] = 1;
    bridge[0x1a] = 1;
    putFunction(files, "0000:00:04.0", bridge);
    putFunction(files, "0000:01:00.0", new byte[256]);
    return files;
  }

  public static final String UNIT_LINE = "unit.0xfed90000=version 1:0 cap 0xd2 ecap 0xf00f4a\n";

  // A PCI Express capability at 0x40 that says root port.
  private static void rootPort(byte[] config) {
    config[0x06] = 0x10;
    config[0x34] = 0x40;
    config[0x40] = 0x10;
    config[0x42] = 0x42;
  }

  public static void putFunction(Map<String, byte[]> files, String name, byte[] config) {
    files.put(DEVICES + name + "/config", config);
    files.put(DEVICES + name + "/vendor", bytes("0x8086\n"));
    files.put(DEVICES + name + "/device", bytes("0x10ca\n"));
    files.put(DEVICES + name + "/class", bytes("0x020000\n"));
    files.put(DEVICES + name + "/resource", bytes("0x0000000000001000 0x1fff 0x40200\n"));
  }
}
