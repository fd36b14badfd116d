package org.iommu4j.testkit.devices;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.jspecify.annotations.Nullable;

/**
 * A network card with a ring of descriptors each way, after Intel's e1000e: the driver posts
 * buffers by moving the tail, the card uses them at the head, writes its status into the descriptor
 * and raises an interrupt.
 *
 * <p>A descriptor has 16 bytes: the buffer's address (8), the frame's length (2), 2 bytes unused, a
 * status byte and 3 bytes unused. Head and tail count descriptors; the ring is empty for the card
 * where they are equal.
 *
 * <p>A frame goes within the call that sends or receives it. Not thread-safe.
 *
 * <p>Source: {@code drivers/net/ethernet/intel/e1000e/hw.h:struct e1000_rx_desc}, {@code regs.h}.
 */
public final class RingNic {
  /** What caused the interrupt; reading clears it. */
  public static final int CAUSE = 0xc0;

  /** The receive ring's address. */
  public static final int RX_BASE = 0x2800;

  /** The receive ring's size in bytes. */
  public static final int RX_LENGTH = 0x2808;

  /** The next receive descriptor that the card uses. */
  public static final int RX_HEAD = 0x2810;

  /** The receive descriptor after the last one posted. */
  public static final int RX_TAIL = 0x2818;

  /** The transmit ring's address. */
  public static final int TX_BASE = 0x3800;

  /** The transmit ring's size in bytes. */
  public static final int TX_LENGTH = 0x3808;

  /** The next transmit descriptor that the card uses. */
  public static final int TX_HEAD = 0x3810;

  /** The transmit descriptor after the last one posted; writing it sends. */
  public static final int TX_TAIL = 0x3818;

  /** The cause: a frame was received. */
  public static final long RECEIVED = 0x80;

  /** The cause: a frame was sent. */
  public static final long SENT = 0x01;

  /** The cause: the bus refused an access. */
  public static final long BUS_ERROR = 0x1000;

  /** The size of a descriptor. */
  public static final int DESCRIPTOR_BYTES = 16;

  /** Where a descriptor has the frame's length. */
  public static final int LENGTH_OFFSET = 8;

  /** Where a descriptor has its status. */
  public static final int STATUS_OFFSET = 12;

  /** The status bit: the card is done with the descriptor. */
  public static final int DONE = 1;

  /** The size that every receive buffer must have. */
  public static final int BUFFER_BYTES = 2048;

  private final BusMaster bus;
  private final Consumer<byte[]> wire;
  private final Map<Integer, Long> registers = new HashMap<>();
  private Runnable interruptLine = () -> {};
  private @Nullable BusError error;

  /**
   * Makes a card on this bus.
   *
   * @param wire takes the frames that are sent
   */
  public RingNic(BusMaster bus, Consumer<byte[]> wire) {
    this.bus = bus;
    this.wire = wire;
  }

  /** Connects the interrupt line with a handler. */
  public void onInterrupt(Runnable handler) {
    interruptLine = handler;
  }

  /** Reads a register, 0 if it was never written. */
  public long read(int register) {
    long value = registers.getOrDefault(register, 0L);
    if (register == CAUSE) {
      registers.remove(CAUSE);
    }
    return value;
  }

  /** Writes a register. */
  public void write(int register, long value) {
    registers.put(register, value);
    if (register == TX_TAIL) {
      send();
    }
  }

  /** Returns the access that the bus refused last, or null. */
  public @Nullable BusError error() {
    return error;
  }

  /**
   * A frame arrives from the wire.
   *
   * @param frame at most {@link #BUFFER_BYTES}
   * @return whether it went to memory; it is dropped if no buffer is posted or the bus refuses
   */
  public boolean receive(byte[] frame) {
    int head = (int) read(RX_HEAD);
    if (frame.length > BUFFER_BYTES || head == (int) read(RX_TAIL)) {
      return false;
    }
    ByteBuffer descriptor = fetch(read(RX_BASE), head);
    if (descriptor == null
        || !succeeded(bus.write(descriptor.getLong(0), frame, 0, frame.length))) {
      return false;
    }
    descriptor.putShort(LENGTH_OFFSET, (short) frame.length);
    return finish(descriptor, RX_BASE, RX_LENGTH, RX_HEAD, RECEIVED);
  }

  private void send() {
    while ((int) read(TX_HEAD) != (int) read(TX_TAIL)) {
      ByteBuffer descriptor = fetch(read(TX_BASE), (int) read(TX_HEAD));
      if (descriptor == null) {
        return;
      }
      byte[] frame = new byte[Short.toUnsignedInt(descriptor.getShort(LENGTH_OFFSET))];
      if (!succeeded(bus.read(descriptor.getLong(0), frame, 0, frame.length))) {
        return;
      }
      wire.accept(frame);
      if (!finish(descriptor, TX_BASE, TX_LENGTH, TX_HEAD, SENT)) {
        return;
      }
    }
  }

  private @Nullable ByteBuffer fetch(long ring, int index) {
    byte[] bytes = new byte[DESCRIPTOR_BYTES];
    boolean fetched =
        succeeded(bus.read(ring + (long) index * DESCRIPTOR_BYTES, bytes, 0, bytes.length));
    return fetched ? ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN) : null;
  }

  /** Writes length and status back, moves the head and raises the interrupt. */
  private boolean finish(
      ByteBuffer descriptor, int base, int length, int headRegister, long cause) {
    long head = read(headRegister);
    descriptor.put(STATUS_OFFSET, (byte) DONE);
    byte[] back = new byte[DESCRIPTOR_BYTES - LENGTH_OFFSET];
    descriptor.get(LENGTH_OFFSET, back);
    long at = read(base) + head * DESCRIPTOR_BYTES + LENGTH_OFFSET;
    if (!succeeded(bus.write(at, back, 0, back.length))) {
      return false;
    }
    registers.put(headRegister, (head + 1) % (read(length) / DESCRIPTOR_BYTES));
    interrupt(cause);
    return true;
  }

  private boolean succeeded(@Nullable BusError refused) {
    if (refused == null) {
      return true;
    }
    error = refused;
    interrupt(BUS_ERROR);
    return false;
  }

  private void interrupt(long cause) {
    registers.merge(CAUSE, cause, (old, more) -> old | more);
    interruptLine.run();
  }
}
