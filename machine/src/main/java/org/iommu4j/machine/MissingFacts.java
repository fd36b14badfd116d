package org.iommu4j.machine;

import java.util.List;
import org.iommu4j.base.Release;
import org.iommu4j.machine.lspci.LspciGap;
import org.iommu4j.machine.pci.PciAddress;

/** Every fact that can be missing, with what is assumed instead and what rests on it. */
final class MissingFacts {
  private static final int NAMES_SHOWN = 4;

  private MissingFacts() {}

  static MissingFact commandLine(String why) {
    return new MissingFact(
        "proc/cmdline",
        why
            + "; no parameters are assumed, so every decision that a parameter can change is the"
            + " configuration's default");
  }

  static MissingFact release(String why) {
    return new MissingFact(
        "proc/version",
        why + "; Linux " + Release.ASSUMED + " is assumed, and decisions differ between releases");
  }

  static MissingFact config(String why) {
    return new MissingFact(
        MissingFact.CONFIG,
        why
            + "; the upstream default configuration is assumed: remapping is built in and off"
            + " unless asked for, domains translate. A distribution may have it on by default:"
            + " whether any device is translated rests on this");
  }

  static MissingFact noConfigSaid() {
    return new MissingFact(
        MissingFact.CONFIG,
        "no configuration was given; that of Debian's kernel is assumed: remapping is built in and"
            + " on, but for the integrated GPU, and domains translate");
  }

  static MissingFact memory(String why) {
    return new MissingFact(
        MissingFact.MEMORY_MAP,
        why
            + "; the memory map is unknown, so whether there is a swiotlb pool and whether"
            + " firmware's reserved regions are sane is unknown");
  }

  static MissingFact table(IommuFacts row, String why) {
    return new MissingFact(
        "sys/firmware/acpi/tables/" + row.signature(),
        why
            + "; no "
            + row.vendor()
            + " remapping hardware is assumed, so every device is mapped directly");
  }

  static MissingFact units() {
    return new MissingFact(
        "unit registers",
        "no unit's version and capabilities are known; typical ones are assumed (tables of 4"
            + " levels, 39 bits of an address, 2 MiB and 1 GiB pages, passthrough), and address widths, superpages and hardware"
            + " passthrough rest on them");
  }

  static MissingFact externalFacing(String why) {
    return new MissingFact(
        MissingFact.EXTERNAL_FACING,
        why
            + "; no port is assumed to lead outside of the chassis, so a device behind one is"
            + " taken for trusted");
  }

  static MissingFact externalFacingEmptyPorts() {
    return new MissingFact(
        MissingFact.EXTERNAL_FACING,
        "ports are known by the removable devices behind them; a port with nothing plugged in is"
            + " taken for internal");
  }

  static MissingFact unknownPort(String address) {
    return new MissingFact(
        "external_facing " + address, "there is no such function; the entry changes nothing");
  }

  static MissingFact cpus() {
    return new MissingFact(
        "cpus", "one CPU is assumed; the order in which freed addresses come back rests on it");
  }

  static MissingFact noFunctions(String where) {
    return new MissingFact(where, "there are no PCI functions, so there is nothing to decide");
  }

  static MissingFact noConfigSpace(List<String> names) {
    return new MissingFact(
        "config of " + some(names),
        "not readable; bridges, capabilities and so all groups there are unknown");
  }

  static MissingFact headerOnly(List<String> names) {
    return new MissingFact(
        "config of " + some(names) + " behind byte 64",
        "an ordinary user sees the header only; PCI Express type and ACS are unseen, so groups"
            + " are uncertain. Read as root");
  }

  static MissingFact silentConfigSpace(List<String> names) {
    return new MissingFact(
        "config of " + some(names),
        "reads all ones: the function was asleep or gone, its bridges and capabilities are unseen");
  }

  static MissingFact listing(LspciGap gap, List<PciAddress> functions) {
    List<String> names = functions.stream().map(PciAddress::toString).toList();
    return switch (gap) {
      case IDS ->
          new MissingFact(
              "vendor and device of " + some(names),
              "not printed; quirks of the kernel cannot match, so groups and identity mappings may"
                  + " differ. Use lspci -nn");
      case CLASS ->
          new MissingFact(
              "class of " + some(names),
              "not printed as a number; 0 is assumed, so the function is no display, USB or ISA"
                  + " device. Use lspci -nn");
      case CAPABILITIES ->
          new MissingFact(
              "capabilities of " + some(names),
              "not printed; PCI Express type and ACS are unseen, so groups are uncertain. Use lspci"
                  + " -xxxx as root");
      case CAPABILITY_BITS ->
          new MissingFact(
              "ACS or SR-IOV registers of " + some(names),
              "not printed; zeros are assumed, so the port isolates nothing. Use lspci -vv");
      case BUS_NUMBERS ->
          new MissingFact(
              "bus numbers of " + some(names),
              "not printed; what is behind the bridge is taken for a root bus of its own. Use lspci"
                  + " -v");
      case RECONSTRUCTED ->
          new MissingFact(
              "config of " + some(names),
              "built from lspci's words; registers that are not printed read as zero, which quirks of"
                  + " the kernel may look at, and a function alone in its slot is taken for a"
                  + " device of one function. Use lspci -xxxx as root");
      case SILENT -> silentConfigSpace(names);
    };
  }

  /** Returns the first of the names and how many there are. */
  static String some(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
    int more = names.size() - NAMES_SHOWN;
    return more > 0 ? shown + " and " + more + " more" : shown;
  }
}
