package org.iommu4j.vtd.trace;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.nio.file.Path;
import java.util.Optional;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.input.FactTree;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.pci.PciAddress;
import org.iommu4j.iommu.pci.PciDevice;

/**
 * The masks that drivers gave their devices, which decide how high their addresses can be.
 * Immutable.
 *
 * <p>A capture has them as they were when it was taken; a trace does not tell when they were set,
 * which is as a rule before anything is mapped.
 *
 * <p>Source: {@code drivers/pci/pci-sysfs.c:dma_mask_bits_show}.
 */
@Immutable
public final class DeviceMasks {
  private static final int LIMIT_BYTES = 4096;

  private final ImmutableMap<PciAddress, Bits> masks;

  /** The widths of a device's masks in bits. */
  @Immutable
  private record Bits(int streaming, int coherent) {}

  private DeviceMasks(ImmutableMap<PciAddress, Bits> masks) {
    this.masks = masks;
  }

  /** Returns no masks: every device keeps the 32 bits that PCI gives it. */
  public static DeviceMasks unknown() {
    return new DeviceMasks(ImmutableMap.of());
  }

  /** Reads the masks of a capture's devices, as far as it has them. */
  public static DeviceMasks read(Path capture, Machine machine) {
    FactTree tree = FactTree.open(capture);
    ImmutableMap.Builder<PciAddress, Bits> masks = ImmutableMap.builder();
    for (PciDevice device : machine.pci().devices()) {
      String directory = "sys/bus/pci/devices/" + device.address() + "/";
      Optional<Integer> streaming = bits(tree, directory + "dma_mask_bits");
      Optional<Integer> coherent = bits(tree, directory + "consistent_dma_mask_bits");
      if (streaming.isPresent()) {
        int width = streaming.get();
        masks.put(device.address(), new Bits(width, coherent.orElse(width)));
      }
    }
    return new DeviceMasks(masks.buildOrThrow());
  }

  private static Optional<Integer> bits(FactTree tree, String path) {
    return tree.read(path, LIMIT_BYTES)
        .text()
        .map(String::strip)
        .filter(text -> text.matches("[1-9]|[1-5][0-9]|6[0-4]"))
        .map(Integer::parseInt);
  }

  /** Returns whether no mask is known. */
  public boolean isEmpty() {
    return masks.isEmpty();
  }

  /** Sets the masks as the drivers did. */
  void applyTo(LinuxSystem system) {
    DmaMapping dma = system.dma();
    masks.forEach((address, bits) -> system.device(address).ifPresent(it -> set(dma, it, bits)));
  }

  private static void set(DmaMapping dma, Device device, Bits bits) {
    int streaming = dma.setMask(device, DmaMapping.bitMask(bits.streaming()));
    int coherent = dma.setCoherentMask(device, DmaMapping.bitMask(bits.coherent()));
    if (streaming != 0 || coherent != 0) {
      // The kernel had them, so that only a wrong model of it can refuse.
      throw new AssertionError(device + " is refused its mask of " + bits.streaming() + " bits");
    }
  }
}
