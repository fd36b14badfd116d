package org.iommu4j.vtd.hw;

import java.util.ArrayDeque;
import java.util.Queue;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.EventControl;

/**
 * One of the unit's two interrupts, of faults or of completed invalidations: mask, pending bit and
 * message, from the control register and the three after it.
 *
 * <p>Messages are queued, to be sent once the unit's lock is released. Guarded by that lock.
 * Source: VT-d 3.3 sections 7.3 and 6.5.2.8.
 */
final class EventSource {
  private final RegisterFile registers;
  private final int control;
  private final Queue<Message> outbox;

  /** A message to be sent. */
  record Message(long address, int data) {}

  private EventSource(RegisterFile registers, int control, Queue<Message> outbox) {
    this.registers = registers;
    this.control = control;
    this.outbox = outbox;
  }

  static EventSource ofFaults(RegisterFile registers, Queue<Message> outbox) {
    return new EventSource(registers, Register.FECTL, outbox);
  }

  static EventSource ofInvalidations(RegisterFile registers, Queue<Message> outbox) {
    return new EventSource(registers, Register.IECTL, outbox);
  }

  static Queue<Message> newOutbox() {
    return new ArrayDeque<>();
  }

  /** Sends the message, or keeps it pending while it is masked. */
  void raise() {
    registers.flag32(control, EventControl.IP, true);
    sendUnlessMasked();
  }

  /** Sends a pending message whose mask was taken away. */
  void sendUnlessMasked() {
    if (!registers.isSet32(control, EventControl.IP)
        || registers.isSet32(control, EventControl.IM)) {
      return;
    }
    long low = Integer.toUnsignedLong(registers.get32(control + 8));
    long address = low | (long) registers.get32(control + 12) << 32;
    outbox.add(new Message(address, registers.get32(control + 4)));
    withdraw();
  }

  /** Forgets a pending message, because software has dealt with its cause. */
  void withdraw() {
    registers.flag32(control, EventControl.IP, false);
  }
}
