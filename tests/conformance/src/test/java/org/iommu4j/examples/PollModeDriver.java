package org.iommu4j.examples;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.iommu4j.testkit.devices.RingNic;
import org.iommu4j.vfio.process.ProcessMemory;

/** A driver of the card in user space: it asks the ring instead of waiting for interrupts. */
final class PollModeDriver {
  private static final int DESCRIPTORS = 8;

  private final ProcessMemory memory;
  private final LongUnaryOperator iovaOf;
  private final RingNic nic;
  private final long ring;
  private final long buffers;
  private int next;

  /**
   * Takes a card.
   *
   * @param area memory of the process that the card reaches: the ring, and after it the buffers
   * @param iovaOf where the card finds a virtual address
   */
  PollModeDriver(ProcessMemory memory, long area, LongUnaryOperator iovaOf, RingNic nic) {
    this.memory = memory;
    this.iovaOf = iovaOf;
    this.nic = nic;
    this.ring = area;
    this.buffers = area + 4096;
    // doc: poll
    nic.write(RingNic.RX_BASE, iovaOf.applyAsLong(ring));
    nic.write(RingNic.RX_LENGTH, DESCRIPTORS * RingNic.DESCRIPTOR_BYTES);
    for (int i = 0; i < DESCRIPTORS - 1; i++) {
      post(i);
    }
    // doc: end
  }

  private long buffer(int index) {
    return buffers + (long) index * RingNic.BUFFER_BYTES;
  }

  private void post(int index) {
    ByteBuffer descriptor =
        ByteBuffer.allocate(RingNic.DESCRIPTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    descriptor.putLong(0, iovaOf.applyAsLong(buffer(index)));
    memory.write(ring + (long) index * RingNic.DESCRIPTOR_BYTES, descriptor.array());
    nic.write(RingNic.RX_TAIL, (index + 1) % DESCRIPTORS);
  }

  /** Takes the frames that have come; returns how many. */
  int poll(Consumer<byte[]> application) {
    int frames = 0;
    while (true) {
      byte[] bytes =
          memory.read(ring + (long) next * RingNic.DESCRIPTOR_BYTES, RingNic.DESCRIPTOR_BYTES);
      ByteBuffer descriptor = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if ((descriptor.get(RingNic.STATUS_OFFSET) & RingNic.DONE) == 0) {
        return frames;
      }
      int length = Short.toUnsignedInt(descriptor.getShort(RingNic.LENGTH_OFFSET));
      application.accept(memory.read(buffer(next), length));
      post((next + DESCRIPTORS - 1) % DESCRIPTORS);
      descriptor.putInt(RingNic.STATUS_OFFSET, 0);
      memory.write(ring + (long) next * RingNic.DESCRIPTOR_BYTES, bytes);
      next = (next + 1) % DESCRIPTORS;
      frames++;
    }
  }
}
