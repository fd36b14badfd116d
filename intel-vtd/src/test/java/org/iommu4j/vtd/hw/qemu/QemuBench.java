package org.iommu4j.vtd.hw.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.iommu4j.vtd.hw.format.Register;

/**
 * The bench of QEMU's unit: a machine whose processor halts at once, driven by the lines of text of
 * the qtest protocol over a UNIX socket. The master is QEMU's {@code edu} device.
 */
final class QemuBench implements Bench {
  private static final String EXECUTABLE = "qemu-system-x86_64";
  private static final long UNIT = 0xfed9_0000L;
  private static final long EDU = 0xe000_0000L;
  private static final long EDU_BUFFER = 0x4_0000;
  private static final long START_MILLIS = 20_000;

  /** A transfer ends after 100 ms of the machine's own time, which each question moves on. */
  private static final int MAX_POLLS = 1_000_000;

  private final Path directory;
  private final Process process;
  private final SocketChannel channel;
  private final BufferedReader answers;
  private final StringBuilder unsent = new StringBuilder();
  private int unanswered;

  /** Starts a machine; {@code options} are the unit's, such as {@code aw-bits=48}. */
  QemuBench(String options) {
    try {
      directory = Files.createTempDirectory("qtest");
      Path rom = directory.resolve("halt.bin");
      byte[] halts = new byte[65536];
      Arrays.fill(halts, (byte) 0xf4);
      Files.write(rom, halts);
      Path socket = directory.resolve("socket");
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(socket));
        process = start(rom, socket, options);
        channel = accept(server, process);
      }
      answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    enableMaster();
  }

  /** Returns whether QEMU is installed here. */
  static boolean isInstalled() {
    String path = System.getenv("PATH");
    return path != null
        && Stream.of(path.split(":", -1))
            .anyMatch(entry -> Files.isExecutable(Path.of(entry, EXECUTABLE)));
  }

  private static Process start(Path rom, Path socket, String options) throws IOException {
    String command =
        EXECUTABLE
            + " -M q35 -m 512 -nodefaults -display none -accel tcg -icount shift=0,sleep=off -bios "
            + rom
            + " -qtest unix:"
            + socket
            + ",server=off -qtest-log none -device intel-iommu,"
            + options
            + " -device edu,addr=04.0,dma_mask=0xffffffffffffffff";
    return new ProcessBuilder(List.of(command.split(" ", -1)))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Waits until the process has connected, has died, or has had time enough. */
  private static SocketChannel accept(ServerSocketChannel server, Process process)
      throws IOException {
    server.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      server.register(selector, SelectionKey.OP_ACCEPT);
      CompletableFuture<Void> death = process.onExit().thenRun(selector::wakeup);
      selector.select(START_MILLIS);
      death.cancel(false);
    }
    SocketChannel accepted = server.accept();
    if (accepted == null) {
      process.destroyForcibly();
      throw new IOException(EXECUTABLE + " did not come up");
    }
    return accepted;
  }

  /** Gives the edu device its registers and lets it be a bus master. */
  private void enableMaster() {
    long config = 0x8000_0000L | (long) SOURCE << 8;
    send(String.format("outl 0xcf8 %#x", config | 0x10));
    send(String.format("outl 0xcfc %#x", EDU));
    send(String.format("outl 0xcf8 %#x", config | 4));
    send("outw 0xcfc 6");
  }

  /** Sends a command whose answer carries nothing; many travel together. */
  private void send(String command) {
    unsent.append(command).append('\n');
    unanswered++;
  }

  /** Sends what is waiting and then these commands, and returns the answers of these. */
  private List<String> askAll(List<String> commands) {
    commands.forEach(this::send);
    try {
      ByteBuffer bytes = StandardCharsets.US_ASCII.encode(unsent.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      unsent.setLength(0);
      List<String> taken = new ArrayList<>();
      for (; unanswered > 0; unanswered--) {
        String answer = nextAnswer();
        if (unanswered <= commands.size()) {
          taken.add(answer);
        }
      }
      return taken;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String nextAnswer() throws IOException {
    while (true) {
      String answer = answers.readLine();
      if (answer == null || !answer.startsWith("IRQ")) {
        if (answer == null || !answer.startsWith("OK")) {
          throw new IllegalStateException("qtest answers " + answer);
        }
        return answer;
      }
    }
  }

  private String ask(String command) {
    return askAll(List.of(command)).get(0);
  }

  private long number(String command, long address) {
    return numberIn(ask(String.format("%s %#x", command, address)));
  }

  private static long numberIn(String answer) {
    return Long.parseUnsignedLong(answer.substring("OK 0x".length()), 16);
  }

  @Override
  public long[] takeFault(int recordOffset) {
    String status = String.format("readl %#x", UNIT + Register.FSTS);
    String high = String.format("readq %#x", UNIT + recordOffset + 8);
    String low = String.format("readq %#x", UNIT + recordOffset);
    String clear = String.format("writeq %#x %#x", UNIT + recordOffset + 8, 1L << 63);
    List<String> got = askAll(List.of(status, high, low, clear, status));
    return new long[] {
      numberIn(got.get(0)), numberIn(got.get(1)), numberIn(got.get(2)), numberIn(got.get(4))
    };
  }

  @Override
  public long readMemory64(long phys) {
    return number("readq", phys);
  }

  @Override
  public void writeMemory64(long phys, long value) {
    send(String.format("writeq %#x %#x", phys, value));
  }

  @Override
  public int readRegister32(int offset) {
    return (int) number("readl", UNIT + offset);
  }

  @Override
  public long readRegister64(int offset) {
    return number("readq", UNIT + offset);
  }

  @Override
  public void writeRegister32(int offset, int value) {
    send(String.format("writel %#x %#x", UNIT + offset, value));
  }

  @Override
  public void writeRegister64(int offset, long value) {
    writeMemory64(UNIT + offset, value);
  }

  @Override
  public void deviceRead(long iova, int bufferOffset, int lengthBytes) {
    dma(iova, EDU_BUFFER + bufferOffset, lengthBytes, 1);
  }

  @Override
  public void deviceWrite(long iova, int bufferOffset, int lengthBytes) {
    dma(EDU_BUFFER + bufferOffset, iova, lengthBytes, 3);
  }

  private void dma(long source, long target, int lengthBytes, int command) {
    writeMemory64(EDU + 0x80, source);
    writeMemory64(EDU + 0x88, target);
    writeMemory64(EDU + 0x90, lengthBytes);
    writeMemory64(EDU + 0x98, command);
    String poll = String.format("readq %#x", EDU + 0x98);
    for (int asked = 0; (numberIn(askAll(List.of(poll, poll, poll)).get(2)) & 1) != 0; asked++) {
      if (asked == MAX_POLLS) {
        throw new IllegalStateException("the edu device does not finish");
      }
    }
  }

  @Override
  public long checksum(long phys, int lengthBytes) {
    String answer = ask(String.format("read %#x %#x", phys, lengthBytes));
    CRC32 crc = new CRC32();
    crc.update(HexFormat.of().parseHex(answer.substring("OK 0x".length())));
    return crc.getValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      channel.close();
      process.waitFor();
      try (Stream<Path> left = Files.list(directory)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
