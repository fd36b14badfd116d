package org.iommu4j.testkit.devices;

import static java.util.Objects.checkFromIndexSize;

import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.jspecify.annotations.Nullable;

/**
 * A DMA engine with a buffer of 4 KiB and one channel, after QEMU's device for teaching: write
 * source, destination and length, then the command; an interrupt says that it is done.
 *
 * <p>A transfer is done when the write of the command returns. Not thread-safe.
 *
 * <p>Source: QEMU, {@code docs/specs/edu.rst}.
 */
public final class EduDevice {
  /** What it is: {@code 0xRRrr00ed}, major and minor version. */
  public static final int ID = 0x00;

  /** What interrupts are pending; read only. */
  public static final int INTERRUPT_STATUS = 0x24;

  /** Clears these pending interrupts. */
  public static final int INTERRUPT_ACKNOWLEDGE = 0x64;

  /** Where a transfer reads, an address of the bus or of {@link #BUFFER}. */
  public static final int DMA_SOURCE = 0x80;

  /** Where a transfer writes, an address of the bus or of {@link #BUFFER}. */
  public static final int DMA_DESTINATION = 0x88;

  /** How many bytes a transfer moves. */
  public static final int DMA_COUNT = 0x90;

  /** Starts a transfer: bits {@link #START}, {@link #TO_MEMORY}, {@link #INTERRUPT}. */
  public static final int DMA_COMMAND = 0x98;

  /** The command's bit that starts a transfer; reads as 0 when it is over. */
  public static final long START = 1;

  /** The command's bit for a transfer from the device's buffer to memory. */
  public static final long TO_MEMORY = 2;

  /** The command's bit that asks for an interrupt at the end. */
  public static final long INTERRUPT = 4;

  /** The interrupt that a finished transfer raises. */
  public static final long DMA_INTERRUPT = 0x100;

  /** Where the device's own buffer lies in its address space. */
  public static final long BUFFER = 0x40000;

  /** The size of the device's own buffer. */
  public static final int BUFFER_BYTES = 4096;

  private static final long IDENTITY = 0x010000ed;

  private final BusMaster bus;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private Runnable interruptLine = () -> {};
  private long source;
  private long destination;
  private long count;
  private long command;
  private long interruptStatus;
  private @Nullable BusError error;

  /** Makes a device on this bus. */
  public EduDevice(BusMaster bus) {
    this.bus = bus;
  }

  /** Connects the interrupt line with a handler. */
  public void onInterrupt(Runnable handler) {
    interruptLine = handler;
  }

  /** Reads a register, all ones where there is none. */
  public long read(int register) {
    return switch (register) {
      case ID -> IDENTITY;
      case INTERRUPT_STATUS -> interruptStatus;
      case DMA_SOURCE -> source;
      case DMA_DESTINATION -> destination;
      case DMA_COUNT -> count;
      case DMA_COMMAND -> command;
      default -> -1;
    };
  }

  /** Writes a register; writes to others are ignored. */
  public void write(int register, long value) {
    switch (register) {
      case INTERRUPT_ACKNOWLEDGE -> interruptStatus &= ~value;
      case DMA_SOURCE -> source = value;
      case DMA_DESTINATION -> destination = value;
      case DMA_COUNT -> count = value;
      case DMA_COMMAND -> {
        command = value;
        if ((value & START) != 0) {
          transfer();
        }
      }
      default -> {}
    }
  }

  /** Returns how the last transfer failed on the bus, which a driver cannot see; or null. */
  public @Nullable BusError error() {
    return error;
  }

  private void transfer() {
    boolean toMemory = (command & TO_MEMORY) != 0;
    long inBuffer = (toMemory ? source : destination) - BUFFER;
    int at = checkFromIndexSize((int) inBuffer, (int) count, BUFFER_BYTES);
    error =
        toMemory
            ? bus.write(destination, buffer, at, (int) count)
            : bus.read(source, buffer, at, (int) count);
    command &= ~START;
    if ((command & INTERRUPT) != 0) {
      interruptStatus |= DMA_INTERRUPT;
      interruptLine.run();
    }
  }
}
