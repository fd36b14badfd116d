package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.nio.file.Path;
import java.util.Optional;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;

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
  private static final String DEVICES = "/sys/bus/pci/devices/";
  private static final String STREAMING = "/dma_mask_bits";
  private static final String COHERENT = "/consistent_dma_mask_bits";

  private final String capture;
  private final ImmutableMap<PciAddress, Bits> masks;

  /** The widths of a device's masks in bits. */
  @Immutable
  private record Bits(int streaming, int coherent) {}

  private DeviceMasks(String capture, ImmutableMap<PciAddress, Bits> masks) {
    this.capture = capture;
    this.masks = masks;
  }

  /** Returns no masks: every device keeps the 32 bits that PCI gives it. */
  public static DeviceMasks unknown() {
    return new DeviceMasks("", ImmutableMap.of());
  }

  /**
   * Reads the masks of a capture's devices, as far as it has them.
   *
   * @throws BadInputException if one is no number of bits
   */
  public static DeviceMasks read(Path capture, Machine machine) {
    FactTree tree = FactTree.open(capture);
    return tree.reading(() -> new DeviceMasks(tree.name(), masks(tree, machine)));
  }

  private static ImmutableMap<PciAddress, Bits> masks(FactTree tree, Machine machine) {
    ImmutableMap.Builder<PciAddress, Bits> masks = ImmutableMap.builder();
    for (PciDevice device : machine.pci().devices()) {
      Optional<Integer> streaming = bits(tree, device.address() + STREAMING);
      Optional<Integer> coherent = bits(tree, device.address() + COHERENT);
      if (streaming.isPresent()) {
        int width = streaming.get();
        masks.put(device.address(), new Bits(width, coherent.orElse(width)));
      }
    }
    return masks.buildOrThrow();
  }

  private static Optional<Integer> bits(FactTree tree, String name) {
    String path = DEVICES.substring(1) + name;
    Optional<String> text = tree.read(path, FactTree.SYSFS_LIMIT_BYTES).text().map(String::strip);
    if (text.isPresent() && !text.get().matches("[1-9]|[1-5][0-9]|6[0-4]")) {
      throw BadInputException.atLine(path, 1, "a mask has 1 to 64 bits", text.get());
    }
    return text.map(Integer::parseInt);
  }

  /** Returns whether no mask is known. */
  public boolean isEmpty() {
    return masks.isEmpty();
  }

  /**
   * Sets the masks as the drivers did.
   *
   * @throws BadInputException if the kernel takes one from no driver, so that none can have set it
   */
  void applyTo(LinuxSystem system) {
    DmaMapping dma = system.dma();
    masks.forEach((address, bits) -> system.device(address).ifPresent(it -> set(dma, it, bits)));
  }

  private void set(DmaMapping dma, Device device, Bits bits) {
    check(dma.setMask(device, DmaMapping.bitMask(bits.streaming())), device, STREAMING);
    check(dma.setCoherentMask(device, DmaMapping.bitMask(bits.coherent())), device, COHERENT);
  }

  private void check(int error, Device device, String file) {
    if (error != 0) {
      throw BadInputException.atLine(
          capture + DEVICES + device.name() + file,
          1,
          "a driver's mask is one that the kernel takes",
          "dma_set_mask returns " + error);
    }
  }
}
