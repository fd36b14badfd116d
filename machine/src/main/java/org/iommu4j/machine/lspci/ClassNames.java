package org.iommu4j.machine.lspci;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.OptionalInt;

/** The names that {@code lspci} has for base class and subclass, those seen on PCs. */
final class ClassNames {
  private static final ImmutableMap<String, Integer> CODES =
      ImmutableMap.<String, Integer>builder()
          .put("non-vga unclassified device", 0x0000)
          .put("scsi storage controller", 0x0100)
          .put("ide interface", 0x0101)
          .put("raid bus controller", 0x0104)
          .put("sata controller", 0x0106)
          .put("serial attached scsi controller", 0x0107)
          .put("non-volatile memory controller", 0x0108)
          .put("mass storage controller", 0x0180)
          .put("ethernet controller", 0x0200)
          .put("infiniband controller", 0x0207)
          .put("network controller", 0x0280)
          .put("vga compatible controller", 0x0300)
          .put("3d controller", 0x0302)
          .put("display controller", 0x0380)
          .put("multimedia video controller", 0x0400)
          .put("multimedia audio controller", 0x0401)
          .put("audio device", 0x0403)
          .put("multimedia controller", 0x0480)
          .put("ram memory", 0x0500)
          .put("memory controller", 0x0580)
          .put("host bridge", 0x0600)
          .put("isa bridge", 0x0601)
          .put("pci bridge", 0x0604)
          .put("pcmcia bridge", 0x0605)
          .put("cardbus bridge", 0x0607)
          .put("semi-transparent pci-to-pci bridge", 0x0609)
          .put("bridge", 0x0680)
          .put("serial controller", 0x0700)
          .put("parallel controller", 0x0701)
          .put("modem", 0x0703)
          .put("communication controller", 0x0780)
          .put("pic", 0x0800)
          .put("sd host controller", 0x0805)
          .put("iommu", 0x0806)
          .put("system peripheral", 0x0880)
          .put("firewire (ieee 1394)", 0x0c00)
          .put("usb controller", 0x0c03)
          .put("fibre channel", 0x0c04)
          .put("smbus", 0x0c05)
          .put("ipmi interface", 0x0c07)
          .put("serial bus controller", 0x0c80)
          .put("encryption controller", 0x1080)
          .put("performance counters", 0x1101)
          .put("signal processing controller", 0x1180)
          .put("processing accelerators", 0x1200)
          .put("unassigned class", 0xff00)
          .buildOrThrow();

  private ClassNames() {}

  static OptionalInt code(String name) {
    Integer code = CODES.get(name.strip().toLowerCase(Locale.ROOT));
    return code == null ? OptionalInt.empty() : OptionalInt.of(code);
  }
}
