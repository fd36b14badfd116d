package org.iommu4j.vtd.policy;

/**
 * The lines that the kernel prints about a table, as it prints them.
 *
 * <p>Of a message of several lines only the first is here: the others name the machine's BIOS, and
 * that is no fact that a table holds.
 */
final class DmarLogLines {
  static final String PREFIX = "DMAR: ";
  static final String FIRMWARE_BUG = PREFIX + "[Firmware Bug]: ";
  static final String UNSUPPORTED_SCOPE = PREFIX + "Unsupported device scope";

  private static final String BROKEN = FIRMWARE_BUG + "Your BIOS is broken; ";

  private DmarLogLines() {}

  static String invalidUnit(long basePhys, String what) {
    return String.format(BROKEN + "DMAR reported at address %x%s!", basePhys, what);
  }

  static String drhd(long basePhys, int flags) {
    return String.format(PREFIX + "DRHD base: %#016x flags: %#x", basePhys, flags);
  }

  static String rmrr(long firstPhys, long lastPhys) {
    return String.format(PREFIX + "RMRR base: %#016x end: %#016x", firstPhys, lastPhys);
  }

  static String atsr(int flags) {
    return String.format(PREFIX + "ATSR flags: %#x", flags);
  }

  static String rhsa(long basePhys, int proximityDomain) {
    return String.format(
        PREFIX + "RHSA base: %#016x proximity domain: %#x", basePhys, proximityDomain);
  }

  static String andd(int deviceNumber, String name) {
    return String.format(PREFIX + "ANDD device: %x name: %s", deviceNumber, name);
  }

  static String anddNotTerminated() {
    return BROKEN + "ANDD object name is not NUL-terminated";
  }

  static String rhsaWithoutUnit(long basePhys) {
    return String.format(BROKEN + "RHSA refers to non-existent DMAR unit at %x", basePhys);
  }

  static String rmrrNotReserved(long firstPhys, long lastPhys) {
    return String.format(
        FIRMWARE_BUG
            + "No firmware reserved region can cover this RMRR [%#018x-%#018x],"
            + " contact BIOS vendor for fixes",
        firstPhys,
        lastPhys);
  }

  static String badRmrr(long firstPhys, long lastPhys) {
    return String.format(BROKEN + "bad RMRR [%#018x-%#018x]", firstPhys, lastPhys);
  }

  static String unit(String name, long basePhys, UnitCapabilities registers) {
    return String.format(
        PREFIX + "%s: reg_base_addr %x ver %d:%d cap %x ecap %x",
        name,
        basePhys,
        registers.majorVersion(),
        registers.minorVersion(),
        registers.capabilities().cap(),
        registers.capabilities().ecap());
  }

  static String satc(int flags) {
    return String.format(PREFIX + "SATC flags: 0x%x", flags);
  }

  static String inconsistent(String ability) {
    return PREFIX + "IOMMU feature " + ability + " inconsistent";
  }

  static String secondaryBusWorkaround(int bus, int device, int function) {
    return String.format(
        FIRMWARE_BUG + "RMRR entry for device %02x:%02x.%x is broken - applying workaround",
        bus,
        device,
        function);
  }
}
