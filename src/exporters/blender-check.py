"""Runs in Blender for blender.test.ts: imports an export, says what came of it, and draws a picture from the recorded camera.

blender --background --factory-startup --python blender-check.py -- glb|script|usd FILE SPEC.json OUT.png
SPEC: {"size": [w, h], "seconds": [of each moment to look at], "frames": [their indices]}
"""
import json
import runpy
import sys
import bpy
from bpy_extras.object_utils import world_to_camera_view

kind, path, spec_path, picture = sys.argv[sys.argv.index("--") + 1:]
with open(spec_path, encoding="utf-8") as file:
    spec = json.load(file)
before = sorted(o.name for o in bpy.data.objects)
scene = bpy.context.scene
if kind == "usd":
    # Debian's Blender is built without it.
    if "usd_import" not in dir(bpy.ops.wm):
        print("FOURSIGHT " + json.dumps({"version": bpy.app.version_string, "unsupported": True}))
        sys.exit(0)
    bpy.ops.wm.usd_import(filepath=path)
elif kind == "glb":
    # Debian 12's importer fails at the other settings on any file: its NumPy is newer than it knows.
    bpy.ops.import_scene.gltf(filepath=path, import_shading="FLAT")
else:
    runpy.run_path(path, run_name="__main__")
new = [o for o in bpy.data.objects if o.name not in before]
camera = next(o for o in new if o.type == "CAMERA")
scene.camera = camera
scene.render.resolution_x, scene.render.resolution_y = spec["size"]
scene.render.resolution_percentage = 100


def is_shown(thing):
    return thing.matrix_world.to_scale().x > 0.5 and not thing.hide_render


def look(seconds, frame):
    at = seconds * scene.render.fps / scene.render.fps_base if kind == "glb" else frame
    scene.frame_set(int(at), subframe=at - int(at))
    bpy.context.view_layer.update()
    moments = [o for o in new if o.name.startswith("mov" if kind == "script" else "moment") and is_shown(o)]
    vertices = moments[0].data.vertices if moments and kind != "usd" else []
    step = max(1, len(vertices) // 100)
    seen = [world_to_camera_view(scene, camera, moments[0].matrix_world @ v.co) for v in list(vertices)[::step]]
    return {
        "camera": list(camera.matrix_world.translation), "moments": [o.name for o in moments],
        # Blender counts from the lower left corner, in shares of the picture.
        "pixels": [[v.x * spec["size"][0], (1 - v.y) * spec["size"][1]] for v in seen],
    }


if kind == "usd":
    cloud = next(o for o in new if o.name == "Static").data
    static, colours = len(cloud.points), any("olor" in a.name for a in cloud.attributes)
    tracks = sum(len(o.data.curves) for o in new if o.type == "CURVES")
else:
    cloud = next(o for o in new if o.name == "static").data
    static, colours = len(cloud.vertices), len(cloud.color_attributes) > 0
    tracks = sum(len(o.data.edges) for o in new if o.name == "tracks") if kind == "glb" else sum(o.type == "CURVE" for o in new)
facts = {
    "version": bpy.app.version_string, "kept": [name for name in before if name in bpy.data.objects],
    "tracks": tracks, "static": static, "colours": colours, "view": camera.data.angle_x,
    "fps": scene.render.fps / scene.render.fps_base, "range": [scene.frame_start, scene.frame_end],
    "background": bool(camera.data.show_background_images),
    "looks": [look(s, f) for s, f in zip(spec["seconds"], spec["frames"])],
}
if kind == "script":
    for o in before:
        bpy.data.objects[o].hide_render = True
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.film_transparent = True
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.filepath = picture
    bpy.ops.render.render(write_still=True)
print("FOURSIGHT " + json.dumps(facts))
