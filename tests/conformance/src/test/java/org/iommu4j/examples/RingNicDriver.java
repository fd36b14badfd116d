package org.iommu4j.examples;

import java.util.Objects;
import java.util.function.Consumer;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.devices.RingNic;

/** A driver of the card: each page is mapped, posted, filled by the card, unmapped and read. */
final class RingNicDriver {
  private static final int DESCRIPTORS = 8;
  private static final int NONE = DmaAttributes.NONE;

  private final Rig rig;
  private final Device device;
  private final DmaMapping dma;
  private final RingNic nic;
  private final Consumer<byte[]> stack;
  private final CoherentBuffer ring;
  private final long[] pages = new long[DESCRIPTORS];
  private final long[] mapped = new long[DESCRIPTORS];
  private int nextToClean;

  RingNicDriver(Rig rig, RingNic nic, Consumer<byte[]> stack) {
    this.rig = rig;
    this.device = rig.device();
    this.dma = rig.dma();
    this.nic = nic;
    this.stack = stack;
    // doc: ring
    dma.setMaskAndCoherent(device, DmaMapping.bitMask(64));
    int bytes = DESCRIPTORS * RingNic.DESCRIPTOR_BYTES;
    ring = Objects.requireNonNull(dma.allocCoherent(device, bytes, NONE), "no memory");
    nic.write(RingNic.RX_BASE, ring.dmaAddr());
    nic.write(RingNic.RX_LENGTH, bytes);
    // doc: end
    nic.onInterrupt(this::interrupt);
    for (int i = 0; i < DESCRIPTORS; i++) {
      pages[i] = rig.allocPages(0);
      mapped[i] = DmaMapping.MAPPING_ERROR;
    }
    for (int i = 0; i < DESCRIPTORS - 1; i++) {
      post(i);
    }
  }

  // doc: post
  private void post(int index) {
    long dmaAddr =
        dma.mapPage(device, pages[index], 0, RingNic.BUFFER_BYTES, DmaDirection.FROM_DEVICE, NONE);
    if (dma.mappingError(device, dmaAddr)) {
      return; // the card goes on with what it has
    }
    mapped[index] = dmaAddr;
    long descriptor = ring.phys() + (long) index * RingNic.DESCRIPTOR_BYTES;
    rig.memory().write64(descriptor, dmaAddr);
    rig.memory().write64(descriptor + RingNic.LENGTH_OFFSET, 0);
    nic.write(RingNic.RX_TAIL, (index + 1) % DESCRIPTORS);
  }

  // doc: end

  // doc: clean
  private void interrupt() {
    if ((nic.read(RingNic.CAUSE) & RingNic.RECEIVED) == 0) {
      return;
    }
    long descriptor = ring.phys() + (long) nextToClean * RingNic.DESCRIPTOR_BYTES;
    while ((rig.memory().read8(descriptor + RingNic.STATUS_OFFSET) & RingNic.DONE) != 0) {
      int length = Short.toUnsignedInt(rig.memory().read16(descriptor + RingNic.LENGTH_OFFSET));
      dma.unmapPage(
          device, mapped[nextToClean], RingNic.BUFFER_BYTES, DmaDirection.FROM_DEVICE, NONE);
      stack.accept(rig.cpuReads(pages[nextToClean], length));
      rig.memory().write64(descriptor + RingNic.LENGTH_OFFSET, 0);
      post((nextToClean + DESCRIPTORS - 1) % DESCRIPTORS);
      nextToClean = (nextToClean + 1) % DESCRIPTORS;
      descriptor = ring.phys() + (long) nextToClean * RingNic.DESCRIPTOR_BYTES;
    }
  }

  // doc: end

  /** Takes the interface down; the card must not be given frames from here on. */
  void close() {
    int posted = (int) nic.read(RingNic.RX_TAIL);
    for (int i = nextToClean; i != posted; i = (i + 1) % DESCRIPTORS) {
      dma.unmapPage(device, mapped[i], RingNic.BUFFER_BYTES, DmaDirection.FROM_DEVICE, NONE);
    }
    dma.freeCoherent(device, ring, NONE);
  }
}
