package org.iommu4j.evidence.replay;

import static org.iommu4j.base.Pages.OFFSET_MASK;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DmaPool;

/**
 * The commands on pools of coherent blocks: {@code pool pdel palloc pzalloc pfree pbad pfill ppeek
 * pinfo}. Not thread-safe.
 */
final class PoolCommands {
  private static final int POOLS = 64;
  private static final int MOST_SHOWN_BYTES = 64;
  private static final int MOST_INFO_CHARACTERS = 1023;

  private final ReplayState state;
  private final Map<Integer, DmaPool> pools = new HashMap<>();
  private final Map<Integer, Block> blocks = new HashMap<>();

  /** A block, and the pool that it was taken from. */
  private record Block(DmaPool pool, CoherentBuffer buffer) {}

  PoolCommands(ReplayState state) {
    this.state = state;
  }

  private static int number(TranscriptCommand command, int index) {
    return (int) Long.remainderUnsigned(command.number(index), POOLS);
  }

  private Block block(TranscriptCommand command) {
    Block block = blocks.get(ReplayState.id(command, 1));
    if (block == null) {
      throw command.bad("a block is allocated before it is used");
    }
    return block;
  }

  /** Runs one of the commands that answer in one line. */
  String run(TranscriptCommand command) {
    return switch (command.word(0)) {
      case "pool" -> create(command);
      case "pdel" -> destroy(command);
      case "palloc" -> allocate(command, false);
      case "pzalloc" -> allocate(command, true);
      case "pfree" -> free(command);
      case "pbad" -> freeElsewhere(command);
      case "pfill" -> fill(command);
      default -> peek(command);
    };
  }

  /** {@code pool P NAME SIZE ALIGN BOUNDARY}. */
  private String create(TranscriptCommand command) {
    DmaPool pool =
        state
            .system()
            .dmaPools()
            .create(
                command.word(2),
                state.device(),
                command.number(3),
                command.number(4),
                command.number(5));
    if (pool == null) {
      pools.remove(number(command, 1));
      return "error=null";
    }
    pools.put(number(command, 1), pool);
    return "ok";
  }

  /** {@code pdel P}, which may be none. */
  private String destroy(TranscriptCommand command) {
    DmaPool pool = pools.remove(number(command, 1));
    if (pool != null) {
      pool.destroy();
    }
    return "ok";
  }

  /** {@code palloc ID P}, {@code pzalloc ID P}. */
  private String allocate(TranscriptCommand command, boolean zeroed) {
    DmaPool pool = pools.get(number(command, 2));
    if (pool == null) {
      throw command.bad("a pool is made before it is used");
    }
    state.placeMapped(command);
    CoherentBuffer buffer = zeroed ? pool.zalloc() : pool.alloc();
    state.pages().placeNowhere();
    if (buffer == null) {
      blocks.remove(ReplayState.id(command, 1));
      return "error=nomem";
    }
    blocks.put(ReplayState.id(command, 1), new Block(pool, buffer));
    return String.format("dma=0x%x offset=0x%x", buffer.dmaAddr(), buffer.phys() & OFFSET_MASK);
  }

  /** {@code pfree ID}. */
  private String free(TranscriptCommand command) {
    Block block = block(command);
    block.pool().free(block.buffer());
    return "ok";
  }

  /** {@code pbad ID DMA}: a block is freed with another address for the device. */
  private String freeElsewhere(TranscriptCommand command) {
    Block block = block(command);
    CoherentBuffer buffer = block.buffer();
    block.pool().free(new CoherentBuffer(buffer.phys(), command.number(2), buffer.sizeBytes()));
    return "ok";
  }

  /** {@code pfill ID LEN BYTE}. */
  private String fill(TranscriptCommand command) {
    int length = command.smallNumber(2, MemoryCommands.MAX_ACCESS_BYTES);
    state.memory().fill(block(command).buffer().phys(), length, (byte) command.number(3));
    return "ok";
  }

  /** {@code ppeek ID LEN}. */
  private String peek(TranscriptCommand command) {
    boolean many = Long.compareUnsigned(command.number(2), MOST_SHOWN_BYTES) > 0;
    byte[] bytes = new byte[many ? MOST_SHOWN_BYTES : (int) command.number(2)];
    state.memory().read(block(command).buffer().phys(), bytes, 0, bytes.length);
    return HexFormat.of().formatHex(bytes);
  }

  /** {@code pinfo}, which answers with the lines of the device's file {@code pools}. */
  void info(List<String> lines) {
    List<String> shown = state.system().dmaPools().show(state.device());
    if (shown.isEmpty()) {
      lines.add("  none");
    }
    // The module reads so much of the file.
    String text = String.join("\n", shown);
    text.substring(0, Math.min(text.length(), MOST_INFO_CHARACTERS))
        .lines()
        .forEach(line -> lines.add("  " + line));
  }
}
