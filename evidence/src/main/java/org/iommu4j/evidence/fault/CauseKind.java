package org.iommu4j.evidence.fault;

/** What may be behind a refused request. */
enum CauseKind {
  USED_AFTER_UNMAP(
      "used after unmap",
      "the driver unmapped the buffer while the device still had its address, or stopped the device"
          + " too late"),
  NEVER_MAPPED(
      "never mapped",
      "the device has an address that nobody mapped for it: a physical address, a mapping of another"
          + " device, a descriptor that was not filled in"),
  WRONG_DIRECTION("wrong direction", "the buffer was mapped for the other direction only"),
  FIRMWARE_MEMORY(
      "firmware's memory without %s",
      "firmware has the device use memory that its tables do not name for this device, as remote"
          + " management and legacy USB do"),
  LEFT_RUNNING(
      "left running",
      "firmware, a boot loader or the kernel before this one (kexec, kdump) left the device doing"
          + " DMA, and no driver has taken it over"),
  ANOTHER_REQUESTER(
      "another requester id",
      "the request came under an id that is not the device's own: of a bridge above it, of a function"
          + " that does not show itself; the kernel has set up another id"),
  NOT_COVERED(
      "no unit has it",
      "the firmware's table leaves the device out, or names it under another unit"),
  GUEST(
      "the guest's or the program's own",
      "whoever has the device through VFIO programmed an address that is not in its memory, or took"
          + " memory away"),
  PEER(
      "another device's registers",
      "the request is for another function's BAR: peer-to-peer DMA, which has to be mapped too"),
  ADDRESS_TOO_WIDE(
      "an address too wide",
      "the address has bits that the unit or the domain does not translate: garbage, a sign"
          + " extension, or a mask that is wider than the hardware"),
  TABLES_BROKEN(
      "broken tables",
      "the IOMMU's tables in memory hold what was not written there: memory corruption, a bug in the"
          + " kernel, or a cache that was not flushed"),
  TRANSLATION_SERVICE(
      "address translation services",
      "the device asks for translations (ATS) though its entry does not allow it: disabled too early,"
          + " or a device that does so unasked"),
  PASID_NOT_BOUND(
      "PASID not bound",
      "the process behind the PASID has ended or was never bound to the device, or PASIDs are not"
          + " enabled for it"),
  WRONG_PRIVILEGE(
      "wrong privilege",
      "shared virtual memory with rights that the process's page tables do not give"),
  FIRMWARE_INTERRUPT(
      "an interrupt of firmware's",
      "an interrupt set up before the kernel took interrupts over: a device or an IOAPIC that firmware"
          + " programmed, in the form of old"),
  INTERRUPT_LEFT(
      "an interrupt after the end",
      "the device raised an interrupt that its driver had freed already"),
  INTERRUPT_ID(
      "an interrupt under another id",
      "the interrupt came through a bridge or from an IOAPIC or timer whose id the firmware's table"
          + " has wrong"),
  STRAY_INTERRUPT(
      "a stray write",
      "DMA to 0xfee00000 to 0xfeefffff is taken for an interrupt: an address there was never meant"),
  HARDWARE("hardware or firmware", "the unit or the device does not do what it should");

  private final String words;
  private final String explanation;

  CauseKind(String words, String explanation) {
    this.words = words;
    this.explanation = explanation;
  }

  /**
   * Returns a few stable words for it.
   *
   * @param reservedMemory what the vendor's tables call memory that firmware's devices use
   */
  String words(String reservedMemory) {
    return String.format(words, reservedMemory);
  }

  String explanation() {
    return explanation;
  }
}
